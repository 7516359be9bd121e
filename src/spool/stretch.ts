import { KiB } from "#core/index.ts";

/** Consecutive bytes of an item, in pieces as they came. */
export interface Stretch {
  pieces: readonly Uint8Array[];
  /** Of all pieces together. */
  bytes: number;
}

/** Smaller pieces are copied together: a sender of single octets must not cost an object for each. */
const copiedBelow = 2 * KiB;
const blockBytes = 4 * KiB;

/**
 * Gathers pieces without copying large ones: what a receiver copies costs it memory that only a collection of garbage gives
 * back, and that costs more than the copying.
 */
export class StretchGatherer {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Where small pieces are put together, and how much of it is used; its used part follows `#pieces`. */
  #block: Buffer | null = null;
  #blockUsed = 0;
  #blockStart = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a piece whose bytes will not change any more. */
  add(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (piece.length >= copiedBelow) {
      this.#closeBlock();
      this.#pieces.push(piece);
      return;
    }
    if (this.#block === null || this.#blockUsed + piece.length > this.#block.length) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafe(blockBytes);
      this.#blockUsed = 0;
      this.#blockStart = 0;
    }
    this.#block.set(piece, this.#blockUsed);
    this.#blockUsed += piece.length;
  }

  /** Gives what was gathered and begins anew. */
  take(): Stretch {
    this.#closeBlock();
    const stretch = { pieces: this.#pieces, bytes: this.#bytes };
    this.#pieces = [];
    this.#bytes = 0;
    this.#block = null;
    return stretch;
  }

  /** Lists what was copied since the last piece, so that the next stands behind it. */
  #closeBlock(): void {
    if (this.#block === null || this.#blockUsed === this.#blockStart) return;
    this.#pieces.push(this.#block.subarray(this.#blockStart, this.#blockUsed));
    this.#blockStart = this.#blockUsed;
  }
}

/** The stretch with `piece` before it. */
export const startingWith = (piece: Uint8Array, { pieces, bytes }: Stretch): Stretch => ({
  pieces: [piece, ...pieces],
  bytes: piece.length + bytes,
});
