import { messageBytesMax } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { MboxVariant, Unquoting } from "./found.ts";
import { type FromLine, fromLineBytesMax, fromLineKind, isFieldLine, lineEndAfter } from "./from-line.ts";
import { isEmptyLine } from "./looks-like-mail.ts";
import { type MboxLine, MboxLines } from "./mbox-lines.ts";

/** Where one message lies in an mbox file: octets from `start` up to `end`, without its `From ` line. */
export interface MboxMember {
  start: number;
  end: number;
  /** Offsets of the `>` that quoting put in; empty when nothing is to be unquoted. */
  quotes: readonly number[];
}

/** How a particular mbox file separates its messages, told by its first line. */
export interface MboxOpening {
  kind: FromLine;
  /** The octet that ends a line: LF, or CR in files of old Macs. */
  lineEnd: number;
}

/** An mbox to be split: its octets as they pass by, and a look at those to come. */
export interface MboxSource {
  bytes: Bytes;
  /** Up to `length` octets at offset `at`, fewer at the end of the file or where it cannot be looked so far ahead. */
  peek(at: number, length: number): Promise<Uint8Array>;
}

/** Quoted lines of one message that are unquoted; a message with more is left as it stands. */
const quotesMax = 100_000;

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
 * (RFC 4155 appendix A) and is left out.
 *
 * A Content-Length in the header is believed when it leads to a separator or to the end of the file exactly, and then no
 * line of the body separates (mboxcl, mboxcl2). Where it leads elsewhere it is as if it were not there.
 *
 * With `unquoting`, the `>` that this variant put before lines is named in `quotes`, but only of messages in which no line
 * begins with `From ` unquoted: of those, quoting again gives the octets of the file, so nothing is lost.
 */
export class MboxSplitter {
  readonly #source: MboxSource;
  readonly #lines: MboxLines;
  readonly #members: MboxMembers;

  constructor(source: MboxSource, opening: MboxOpening, unquoting: Unquoting = null) {
    this.#source = source;
    this.#lines = new MboxLines(opening.lineEnd);
    this.#members = new MboxMembers(opening.kind, unquoting);
  }

  /** The messages, once. */
  async *members(): AsyncIterable<MboxMember> {
    for await (const chunk of this.#source.bytes) {
      for (const line of this.#lines.take(chunk)) {
        const member = await this.#taken(line);
        if (member !== null) yield member;
      }
    }
    const rest = this.#lines.finish();
    const next = rest === null ? null : await this.#taken(rest);
    if (next !== null) yield next;
    const last = this.#members.finish();
    if (last !== null) yield last;
  }

  /** As what it was read; known when the last message was given. */
  variant(): MboxVariant {
    return this.#members.variant();
  }

  async #taken(line: MboxLine): Promise<MboxMember | null> {
    const member = this.#members.take(line);
    const claim = this.#members.claim;
    if (claim !== null) this.#members.settle(await this.#leadsToEnd(claim));
    return member;
  }

  /** Whether a message may end at this offset: a separator follows, with an empty line or not, or nothing. */
  async #leadsToEnd(offset: number): Promise<boolean> {
    const look = await this.#source.peek(offset - 1, 1 + 2 + fromLineBytesMax);
    if (look.length === 0) return false;
    const after = look.subarray(1);
    const lineEnd = after[0] === cr && after[1] === lf ? 2 : after[0] === cr || after[0] === lf ? 1 : 0;
    const next = after.subarray(lineEnd);
    if (next.length === 0) return true;
    if (lineEnd === 0 && look[0] !== lf && look[0] !== cr) return false;
    return this.#members.isSeparator(next.subarray(0, lineEndAfter(next, 0) || next.length));
  }
}

/** Decides line by line where messages begin and end. */
class MboxMembers {
  readonly #opening: FromLine;
  readonly #unquoting: Unquoting;
  /** Where the message being passed began; null before the first separator. */
  #start: number | null = null;
  /** End of its content so far, without an empty line that may turn out to be the mailbox's. */
  #contentEnd = 0;
  #isAfterEmpty = true;
  /** A bare `From ` line that separates if a header field follows, and where the content before it ended. */
  #bare: { to: number; contentEnd: number } | null = null;
  /** What the header says of the body's length; undefined once the header has ended. */
  #contentLength: number | null | undefined = null;
  /** Where the body ends by a length that was found to be true. */
  #bodyEnd: number | null = null;
  #quotes: number[] = [];
  #isUnquotable = true;
  #believed = 0;
  #ledOver = false;
  #isUnquoted = false;
  /** Where the header that has just ended says that its message ends, to be settled before the next line. */
  claim: number | null = null;

  constructor(opening: FromLine, unquoting: Unquoting) {
    this.#opening = opening;
    this.#unquoting = unquoting;
  }

  /** The message that this line proves to be complete, if any. */
  take(line: MboxLine): MboxMember | null {
    if (this.#bodyEnd !== null) {
      if (line.from < this.#bodyEnd) {
        this.#takeBodyLine(line);
        return null;
      }
      // A length that was found to be true leads to a separator, with an empty line before it or without one.
      if (!isEmptyLine(line.start)) this.#isAfterEmpty = true;
    }
    let member: MboxMember | null = null;
    if (this.#bare !== null && isFieldLine(line.start)) member = this.#begin(this.#bare.to, this.#bare.contentEnd);
    this.#bare = null;

    const kind = this.#isAfterEmpty ? fromLineKind(line.start) : null;
    const isEmpty = isEmptyLine(line.start);
    if (kind === "bare" && this.#opening === "bare" && this.#start !== null) {
      this.#bare = { to: line.to, contentEnd: this.#contentEnd };
    } else if (kind === "dated" || (kind !== null && kind === this.#opening)) {
      member = this.#begin(line.to, this.#contentEnd);
    } else {
      this.#takeQuoting(line);
      this.#takeHeaderLine(line, isEmpty);
    }
    if (this.#bodyEnd === null) this.#contentEnd = isEmpty ? line.from : line.to;
    this.#isAfterEmpty = isEmpty;
    return member;
  }

  /** Whether the message ends where its header {@link claim}s. */
  settle(isTrue: boolean): void {
    if (isTrue && this.claim !== null) {
      this.#bodyEnd = this.claim;
      this.#contentEnd = this.claim;
      this.#believed += 1;
    }
    this.claim = null;
  }

  /** Whether a line separates messages in this file, wherever it stands. */
  isSeparator(line: Uint8Array): boolean {
    const kind = fromLineKind(line);
    return kind === "dated" || (kind !== null && kind === this.#opening);
  }

  finish(): MboxMember | null {
    return this.#begin(0, this.#contentEnd);
  }

  variant(): MboxVariant {
    if (this.#ledOver) return "mboxcl2";
    if (this.#believed > 0) return "mboxcl";
    return this.#isUnquoted && this.#unquoting !== null ? this.#unquoting : "mbox";
  }

  #takeBodyLine(line: MboxLine): void {
    if (this.isSeparator(line.start)) this.#ledOver = true;
    this.#takeQuoting(line);
  }

  #takeHeaderLine(line: MboxLine, isEmpty: boolean): void {
    if (this.#contentLength === undefined || this.#start === null) return;
    if (isEmpty) {
      const length = this.#contentLength;
      this.#contentLength = undefined;
      if (length !== null) this.claim = line.to + length;
      return;
    }
    const found = contentLength.exec(line.start.toString("latin1", 0, contentLengthBytesMax));
    const length = found === null ? null : Number(found[1]);
    if (length !== null && length <= messageBytesMax) this.#contentLength = length;
  }

  #takeQuoting({ from, start }: MboxLine): void {
    if (this.#unquoting === null) return;
    if (isFrom(start, 0)) {
      this.#isUnquotable = false;
      return;
    }
    let depth = 0;
    while (start[depth] === quote) depth += 1;
    if (depth === 0 || (this.#unquoting === "mboxo" && depth > 1) || !isFrom(start, depth)) return;
    if (this.#quotes.length < quotesMax) this.#quotes.push(from);
    else this.#isUnquotable = false;
  }

  #begin(start: number, contentEnd: number): MboxMember | null {
    const member = this.#start === null ? null : this.#ended(this.#start, contentEnd);
    this.#start = start;
    this.#contentLength = null;
    this.#bodyEnd = null;
    this.#quotes = [];
    this.#isUnquotable = true;
    return member;
  }

  #ended(start: number, contentEnd: number): MboxMember {
    const end = Math.max(start, contentEnd);
    const quotes = this.#isUnquotable ? this.#quotes.filter((at) => at < end) : [];
    if (quotes.length > 0) this.#isUnquoted = true;
    return { start, end, quotes };
  }
}

const contentLength = /^content-length:[ \t]*(\d{1,12})\s*$/i;
const contentLengthBytesMax = 100;
const lf = 0x0a;
const cr = 0x0d;
const quote = 0x3e;
const from = Buffer.from("From ");

function isFrom(line: Buffer, at: number): boolean {
  return line.length >= at + from.length && line.compare(from, 0, from.length, at, at + from.length) === 0;
}
