/** What one chunk held of a message body. */
export interface BodyPiece {
  /** The message's octets; part of the chunk, or a copy where something had to be taken out. */
  content: Uint8Array;
  /** First octet of the chunk that was not read; the chunk's length unless `ended`. */
  next: number;
  /** Whether the end mark came. */
  ended: boolean;
}

/**
 * Reads a dot-stuffed body (SMTP DATA, POP3 RETR and TOP) up to its end mark, wherever the chunks were split.
 *
 * Only CRLF, dot, CRLF ends it, or dot, CRLF as its very first octets. A dot that begins a line, which only CRLF does,
 * is transparency and left out; every other octet is the message's, bare CR, bare LF and NUL included, and the CRLF
 * before the final dot too. So what an other server takes for the end stays inside one message.
 *
 * @see RFC 5321 §4.5.2, §2.3.8, §4.1.1.4; RFC 1939 §3
 */
export class DotReader {
  /** The longest beginning of an end mark that the octets so far end in. A dot and what follows it is held back. */
  #seen: "text" | "cr" | "crlf" | "dot" | "dot-cr" = "crlf";

  take(chunk: Buffer, from: number): BodyPiece {
    const pieces: Uint8Array[] = [];
    let at = from;
    let start = from;
    while (at < chunk.length) {
      switch (this.#seen) {
        case "text": {
          const found = chunk.indexOf(crlfDot, at);
          if (found < 0) {
            this.#seen = endOf(chunk, at);
            at = chunk.length;
          } else {
            at = found + 2;
            this.#seen = "crlf";
          }
          break;
        }
        case "cr":
          if (chunk[at] === lf) {
            this.#seen = "crlf";
            at += 1;
          } else {
            this.#seen = "text";
          }
          break;
        case "crlf":
          if (chunk[at] === dot) {
            if (at > start) pieces.push(chunk.subarray(start, at));
            this.#seen = "dot";
            at += 1;
            start = at;
          } else {
            this.#seen = "text";
          }
          break;
        case "dot":
          if (chunk[at] === cr) {
            this.#seen = "dot-cr";
            at += 1;
            start = at;
          } else {
            this.#seen = "text";
          }
          break;
        case "dot-cr":
          if (chunk[at] === lf) return { content: joined(pieces), next: at + 1, ended: true };
          pieces.push(crAlone);
          this.#seen = "cr";
          break;
      }
    }
    if (at > start) pieces.push(chunk.subarray(start, at));
    return { content: joined(pieces), next: at, ended: false };
  }
}

const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const crlfDot = Buffer.from("\r\n.");
const crAlone = Buffer.from("\r");

function endOf(chunk: Buffer, at: number): "text" | "cr" | "crlf" {
  const last = chunk.length - 1;
  if (chunk[last] === cr) return "cr";
  return last > at && chunk[last] === lf && chunk[last - 1] === cr ? "crlf" : "text";
}

function joined(pieces: Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
