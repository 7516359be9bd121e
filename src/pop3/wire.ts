import type { Duplex } from "node:stream";
import { KiB } from "#core/index.ts";

/** Octets that may wait here unread before the peer is made to wait. */
const waitingBytesMax = 256 * KiB;

/**
 * One side of a byte stream, read chunk by chunk when the reader wants: a slow reader slows the peer, and little waits here.
 */
export class Wire {
  readonly #stream: Duplex;
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #ending: string | null = null;
  #wake: () => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", this.#take);
    stream.on("end", this.#ended);
    stream.on("error", this.#failed);
    stream.on("close", this.#ended);
  }

  /** The next chunk; null at the end of the stream, which {@link ending} then explains. Calls must not overlap. */
  async read(): Promise<Buffer | null> {
    while (this.#chunks.length === 0) {
      if (this.#ending !== null) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#chunks.shift()!;
    this.#waitingBytes -= chunk.length;
    if (this.#stream.isPaused() && this.#waitingBytes < waitingBytesMax) this.#stream.resume();
    return chunk;
  }

  /** Sends; what a peer does not take waits in the stream, so callers bound what they send ahead. */
  write(text: string): void {
    if (this.#ending === null && this.#stream.writable) this.#stream.write(text, "utf8");
  }

  /** Octets that came and were not read. */
  get unreadBytes(): number {
    return this.#waitingBytes + this.#stream.readableLength;
  }

  /** Why there is nothing more to read. */
  get ending(): string {
    return this.#ending ?? "still open";
  }

  /** Cuts the connection; a reader that waits gets null. May be repeated. */
  destroy(): void {
    this.#ending ??= "ended by us";
    this.#stream.destroy();
    this.#wake();
  }

  /** Gives the stream away, for a handshake: nothing is read from it here any more. */
  release(): Duplex {
    this.#stream.pause();
    this.#stream.off("data", this.#take);
    this.#stream.off("end", this.#ended);
    this.#stream.off("close", this.#ended);
    this.#stream.off("error", this.#failed);
    // A stream without any listener for errors would end the process.
    this.#stream.on("error", () => {});
    return this.#stream;
  }

  readonly #take = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= waitingBytesMax) this.#stream.pause();
    this.#wake();
  };

  readonly #ended = (): void => {
    this.#ending ??= "the server closed it";
    this.#wake();
  };

  readonly #failed = (error: Error): void => {
    this.#ending ??= error.message;
    this.#wake();
  };
}
