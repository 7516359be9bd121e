import { fromLineBytesMax } from "./from-line.ts";

/** One line of the file: its place, line end included, and at most {@link fromLineBytesMax} + 1 octets of its start. */
export interface MboxLine {
  from: number;
  to: number;
  start: Buffer;
}

/** Cuts passing bytes into lines. */
export class MboxLines {
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
