import { Failure, isFailure, MiB, messageBytesMax } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { readFault } from "./files.ts";

/** Octets on their way, in pieces. */
export type Pieces = AsyncIterator<Uint8Array>;

/** Largest member of a container that is held whole, so that it can be offered again; larger ones pass by once. */
export const memberHeldBytesMax = MiB;

/** Why a message above `messageBytesMax` is not imported. */
export const tooLarge = `larger than the ${messageBytesMax / MiB} MiB that a message may have`;

/** A member that passes by once: its container goes on when its reader is done, or never took it. */
export class PassingBytes implements AsyncIterableIterator<Uint8Array> {
  #first: Uint8Array | null;
  readonly #pieces: Pieces;
  #isTaken = false;
  readonly #done = Promise.withResolvers<void>();

  constructor(first: Uint8Array, pieces: Pieces) {
    this.#first = first;
    this.#pieces = pieces;
  }

  take(): Bytes {
    this.#isTaken = true;
    return this;
  }

  async passed(): Promise<void> {
    if (this.#isTaken) await this.#done.promise;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#first !== null) {
      const value = this.#first;
      this.#first = null;
      return { done: false, value };
    }
    try {
      const next = await this.#pieces.next();
      if (next.done) this.#done.resolve();
      return next;
    } catch (error) {
      this.#done.resolve();
      if (isFailure(error)) throw error;
      const reason = readFault(error);
      throw new Failure("IMPORT-UNREADABLE", "never", `cannot read on: ${reason}`, {
        publicText: reason,
        cause: error,
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#done.resolve();
    return { done: true, value: undefined };
  }
}

/** At least `length` octets from the pieces, or all there are. */
export async function taken(pieces: Pieces, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const next = await pieces.next();
    if (next.done) break;
    parts.push(next.value);
    bytes += next.value.length;
  }
  return Buffer.concat(parts);
}

/** What was taken already, and then the rest. */
export async function* rejoined(first: Uint8Array, pieces: Pieces): Bytes {
  if (first.length > 0) yield first;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
}

/** Lets the rest pass by unread. */
export async function drained(pieces: Pieces): Promise<void> {
  while (!(await pieces.next()).done);
}

/** Octets that are at hand. */
export async function* held(bytes: Uint8Array): Bytes {
  yield bytes;
}
