/** One command line, or why there is none: `long` lines are read to their CRLF, `endless` ones are given up. */
export type Line = { kind: "line"; bytes: Buffer } | { kind: "long" } | { kind: "endless" };

/**
 * Cuts command lines out of chunks, wherever these were split. Only CRLF ends a line; bare CR and LF stay inside.
 *
 * Holds at most `commandBytesMax` octets: of a longer line only the length is known.
 * @see RFC 5321 §2.3.8
 */
export class LineReader {
  readonly #commandBytesMax: number;
  readonly #lineBytesMax: number;
  #held: Buffer | null = null;
  #heldBytes = 0;
  #endsInCr = false;

  constructor(commandBytesMax: number, lineBytesMax: number) {
    this.#commandBytesMax = commandBytesMax;
    this.#lineBytesMax = lineBytesMax;
  }

  /** Reads from `from` on; `line` is null when the chunk ended first. `next` is the first unread octet. */
  take(chunk: Buffer, from: number): { line: Line | null; next: number } {
    if (this.#endsInCr && chunk[from] === lf) return { line: this.#finish(this.#heldBytes - 1), next: from + 1 };
    const end = chunk.indexOf(crlf, from);
    if (end >= 0 && this.#heldBytes === 0) {
      const bytes = end - from;
      const line = this.#judge(bytes);
      return { line: line ?? { kind: "line", bytes: chunk.subarray(from, end) }, next: end + 2 };
    }
    this.#hold(chunk, from, end >= 0 ? end : chunk.length);
    if (end >= 0) return { line: this.#finish(this.#heldBytes), next: end + 2 };
    const bytesAtLeast = this.#heldBytes - (this.#endsInCr ? 1 : 0);
    return { line: bytesAtLeast > this.#lineBytesMax ? { kind: "endless" } : null, next: chunk.length };
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#held ??= Buffer.allocUnsafe(this.#commandBytesMax);
    chunk.copy(this.#held, Math.min(this.#heldBytes, this.#held.length), from, to);
    this.#heldBytes += to - from;
    this.#endsInCr = chunk[to - 1] === cr;
  }

  #finish(bytes: number): Line {
    const held = this.#held;
    this.#held = null;
    this.#heldBytes = 0;
    this.#endsInCr = false;
    return this.#judge(bytes) ?? { kind: "line", bytes: held?.subarray(0, bytes) ?? Buffer.alloc(0) };
  }

  #judge(bytes: number): Line | null {
    if (bytes > this.#lineBytesMax) return { kind: "endless" };
    return bytes + crlf.length > this.#commandBytesMax ? { kind: "long" } : null;
  }
}

const cr = 0x0d;
const lf = 0x0a;
const crlf = Buffer.from("\r\n");
