import { DotReader } from "#core/index.ts";
import type { Pop3Limits } from "./limits.ts";
import { readStatusLine, type StatusLine } from "./status-line.ts";

/**
 * What the answer to a command looks like: one line; one line that may also ask for more (AUTH); lines up to a dot (CAPA,
 * LIST, UIDL); or a message up to a dot (RETR, TOP). A refusal is one line always.
 */
export type ReplyShape =
  | { kind: "line" }
  | { kind: "challenge" }
  | { kind: "list"; linesMax: number }
  | { kind: "body"; bytesMax: number };

/** How an answer breaks the protocol or one of our limits. Nothing that follows can be understood. */
export type ReplyFault = "not-a-reply" | "line-endless" | "list-endless" | "message-too-large" | "unsolicited";

/** A piece of an answer. `end` follows the last piece of an answer that was granted and has more than one line. */
export type ReplyEvent =
  | { kind: "status"; status: StatusLine; isWhole: boolean }
  | { kind: "item"; line: string }
  | { kind: "piece"; content: Uint8Array }
  | { kind: "end" }
  | { kind: "broken"; fault: ReplyFault };

/**
 * Reads the server's side of a session, wherever the chunks were split: a machine without sockets.
 *
 * Answers come in the order in which they were expected. Lines of status and lists end at CRLF or LF; a message ends at
 * CRLF, dot, CRLF alone. Holds at most one line.
 *
 * @see RFC 1939 §3, RFC 2449 §4
 */
export class ReplyReader {
  readonly #limits: Pick<Pop3Limits, "statusBytesMax" | "listLineBytesMax">;
  readonly #expected: ReplyShape[] = [];
  #stage: "status" | "list" | "body" | "end" | "broken" = "status";
  #fault: ReplyFault = "not-a-reply";
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #lines = 0;
  #bodyBytes = 0;
  #dots = new DotReader();

  constructor(limits: Pick<Pop3Limits, "statusBytesMax" | "listLineBytesMax">) {
    this.#limits = limits;
  }

  /** Announces the answer to the next command sent. */
  expect(shape: ReplyShape): void {
    this.#expected.push(shape);
  }

  /** Gives the next chunk; only after {@link next} gave null. */
  give(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Octets that were given and belong to no answer yet. */
  get unreadBytes(): number {
    return this.#chunk.length - this.#at + this.#heldBytes;
  }

  /** The next event, or null when more octets are needed. After `broken` there is nothing else. */
  next(): ReplyEvent | null {
    if (this.#stage === "broken") return { kind: "broken", fault: this.#fault };
    const shape = this.#expected[0];
    if (shape === undefined) return this.#at < this.#chunk.length ? this.#break("unsolicited") : null;
    if (this.#stage === "end") return this.#finish();
    if (this.#stage === "body") return this.#body(shape);
    return this.#stage === "list" ? this.#item(shape) : this.#status(shape);
  }

  #status(shape: ReplyShape): ReplyEvent | null {
    const line = this.#line(this.#limits.statusBytesMax);
    if (line === null || typeof line !== "string") return line;
    const status = readStatusLine(line);
    if (status === null || (status.kind === "challenge" && shape.kind !== "challenge"))
      return this.#break("not-a-reply");
    const isWhole = status.kind !== "ok" || shape.kind === "line" || shape.kind === "challenge";
    if (isWhole) this.#expected.shift();
    else this.#begin(shape.kind === "list" ? "list" : "body");
    return { kind: "status", status, isWhole };
  }

  #begin(stage: "list" | "body"): void {
    this.#stage = stage;
    this.#lines = 0;
    this.#bodyBytes = 0;
    this.#dots = new DotReader();
  }

  #item(shape: ReplyShape): ReplyEvent | null {
    const line = this.#line(this.#limits.listLineBytesMax);
    if (line === null || typeof line !== "string") return line;
    if (line === ".") return this.#finish();
    this.#lines += 1;
    if (shape.kind === "list" && this.#lines > shape.linesMax) return this.#break("list-endless");
    return { kind: "item", line: line.startsWith(".") ? line.slice(1) : line };
  }

  #body(shape: ReplyShape): ReplyEvent | null {
    if (this.#at === this.#chunk.length) return null;
    const { content, next, ended } = this.#dots.take(this.#chunk, this.#at);
    this.#bodyBytes += content.length;
    if (shape.kind === "body" && this.#bodyBytes > shape.bytesMax) return this.#break("message-too-large");
    this.#at = next;
    if (ended) this.#stage = "end";
    if (content.length > 0) return { kind: "piece", content };
    return ended ? this.#finish() : null;
  }

  #finish(): ReplyEvent {
    this.#expected.shift();
    this.#stage = "status";
    return { kind: "end" };
  }

  #line(bytesMax: number): string | null | ReplyEvent {
    const end = this.#chunk.indexOf(lf, this.#at);
    const stop = end < 0 ? this.#chunk.length : end + 1;
    if (this.#heldBytes + stop - this.#at > bytesMax) return this.#break("line-endless");
    if (stop > this.#at) {
      this.#held.push(this.#chunk.subarray(this.#at, stop));
      this.#heldBytes += stop - this.#at;
      this.#at = stop;
    }
    if (end < 0) return null;
    const line = Buffer.concat(this.#held).toString();
    this.#held = [];
    this.#heldBytes = 0;
    return line.replace(/\r?\n$/, "");
  }

  #break(fault: ReplyFault): ReplyEvent {
    this.#stage = "broken";
    this.#fault = fault;
    this.#held = [];
    return { kind: "broken", fault };
  }
}

const lf = 0x0a;
