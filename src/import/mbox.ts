import type { Bytes } from "#disk/index.ts";
import { type FromLine, fromLineBytesMax, fromLineKind, isFieldLine, lineEndAfter } from "./from-line.ts";
import { isEmptyLine } from "./looks-like-mail.ts";

/** Where one message lies in an mbox file: octets from `start` up to `end`, without its `From ` line. */
export interface MboxMember {
  start: number;
  end: number;
}

/** How a particular mbox file separates its messages, told by its first line. */
export interface MboxOpening {
  kind: FromLine;
  /** The octet that ends a line: LF, or CR in files of old Macs. */
  lineEnd: number;
}

/** What the first line says about the file, or null when it is no mbox. */
export function mboxOpening(head: Uint8Array): MboxOpening | null {
  const end = lineEndAfter(head, 0);
  const kind = end === 0 ? null : fromLineKind(head.subarray(0, end));
  return kind === null ? null : { kind, lineEnd: head[end - 1] === cr ? cr : lf };
}

/**
 * Finds the messages of an mbox file while its bytes pass by; holds one line's start at most.
 *
 * A separator is a `From ` line with a date at the start of the file or after an empty line. Bare `From ` lines
 * separate only in a file that opens with one, and only before a header field; lines of `git format-patch` only in a
 * file that opens with one, since they occur in bodies. The empty line that ends a message belongs to the mailbox
 * (RFC 4155 appendix A) and is left out. `>From ` is left as it stands: nobody can tell which writer quoted what.
 */
export async function* splitMbox(bytes: Bytes, opening: MboxOpening): AsyncIterable<MboxMember> {
  const lines = new MboxLines(opening.lineEnd);
  const members = new MboxMembers(opening.kind);
  for await (const chunk of bytes) {
    for (const line of lines.take(chunk)) {
      const member = members.take(line);
      if (member !== null) yield member;
    }
  }
  const rest = lines.finish();
  const next = rest === null ? null : members.take(rest);
  if (next !== null) yield next;
  const last = members.finish();
  if (last !== null) yield last;
}

/** Decides line by line where messages begin and end. */
class MboxMembers {
  readonly #opening: FromLine;
  /** Where the message being passed began; null before the first separator. */
  #start: number | null = null;
  /** End of its content so far, without an empty line that may turn out to be the mailbox's. */
  #contentEnd = 0;
  #isAfterEmpty = true;
  /** A bare `From ` line that separates if a header field follows, and where the content before it ended. */
  #bare: { to: number; contentEnd: number } | null = null;

  constructor(opening: FromLine) {
    this.#opening = opening;
  }

  /** The message that this line proves to be complete, if any. */
  take(line: MboxLine): MboxMember | null {
    let member: MboxMember | null = null;
    if (this.#bare !== null && isFieldLine(line.start)) member = this.#begin(this.#bare.to, this.#bare.contentEnd);
    this.#bare = null;

    const kind = this.#isAfterEmpty ? fromLineKind(line.start) : null;
    const isEmpty = isEmptyLine(line.start);
    if (kind === "bare" && this.#opening === "bare" && this.#start !== null) {
      this.#bare = { to: line.to, contentEnd: this.#contentEnd };
    } else if (kind === "dated" || (kind !== null && kind === this.#opening)) {
      member = this.#begin(line.to, this.#contentEnd);
    }
    this.#contentEnd = isEmpty ? line.from : line.to;
    this.#isAfterEmpty = isEmpty;
    return member;
  }

  finish(): MboxMember | null {
    return this.#begin(0, this.#contentEnd);
  }

  #begin(start: number, contentEnd: number): MboxMember | null {
    const member = this.#start === null ? null : { start: this.#start, end: Math.max(this.#start, contentEnd) };
    this.#start = start;
    return member;
  }
}

/** One line of the file: its place, line end included, and at most {@link fromLineBytesMax} + 1 octets of its start. */
interface MboxLine {
  from: number;
  to: number;
  start: Buffer;
}

/** Cuts passing bytes into lines. */
class MboxLines {
  readonly #lineEnd: number;
  #from = 0;
  #at = 0;
  #held: Buffer = Buffer.alloc(0);

  constructor(lineEnd: number) {
    this.#lineEnd = lineEnd;
  }

  *take(piece: Uint8Array): Iterable<MboxLine> {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let done = 0;
    for (let end = chunk.indexOf(this.#lineEnd); end !== -1; end = chunk.indexOf(this.#lineEnd, done)) {
      const to = this.#at + end + 1;
      yield { from: this.#from, to, start: grown(this.#held, chunk.subarray(done, end + 1)) };
      if (this.#held.length > 0) this.#held = Buffer.alloc(0);
      done = end + 1;
      this.#from = to;
    }
    this.#held = Buffer.from(grown(this.#held, chunk.subarray(done)));
    this.#at += chunk.length;
  }

  /** The last line, when it has no line end. */
  finish(): MboxLine | null {
    return this.#at > this.#from ? { from: this.#from, to: this.#at, start: this.#held } : null;
  }
}

function grown(held: Buffer, more: Buffer): Buffer {
  const room = Math.max(0, fromLineBytesMax + 1 - held.length);
  const taken = more.subarray(0, room);
  return held.length === 0 ? taken : Buffer.concat([held, taken]);
}

const lf = 0x0a;
const cr = 0x0d;
