import { MiB, messageBytesMax } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { Pieces } from "./passing.ts";

/** Octets of a stream that are held: the largest message, and a separator after it. */
const windowBytesMax = messageBytesMax + MiB;

/** A stretch of a stream that passes by once: what was not let go can be looked at and taken. */
export class StreamWindow {
  readonly #pieces: Pieces;
  /** Pieces with the offsets they begin at; those before `#first` are let go. */
  #held: { at: number; bytes: Buffer }[] = [];
  #first = 0;
  #end = 0;
  #isDone = false;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  /** Every octet in its order. What passes stays held until it is let go. */
  async *passing(): Bytes {
    let at = 0;
    for (;;) {
      if (at >= this.#end && !(await this.#more())) return;
      const piece = this.#held[this.#indexOf(at)];
      if (piece === undefined) return;
      const rest = piece.bytes.subarray(at - piece.at);
      at += rest.length;
      yield rest;
    }
  }

  /** Up to `length` octets at `at`; fewer at the end, before what was let go, or where that would hold too much. */
  async peek(at: number, length: number): Promise<Uint8Array> {
    const from = this.#held[this.#first]?.at ?? this.#end;
    if (at < from || at + length - from > windowBytesMax) return Buffer.alloc(0);
    while (this.#end < at + length && (await this.#more()));
    return this.slice(at, Math.min(at + length, this.#end));
  }

  /** Octets that are held, without copying where they lie in one piece; empty when some were let go. */
  slice(start: number, end: number): Buffer {
    const parts: Buffer[] = [];
    let at = start;
    for (let index = this.#indexOf(start); at < end; index += 1) {
      const piece = this.#held[index];
      if (piece === undefined || piece.at > at) return Buffer.alloc(0);
      parts.push(piece.bytes.subarray(at - piece.at, end - piece.at));
      at = piece.at + piece.bytes.length;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  /** Lets go of what lies before `at`. */
  letGo(at: number): void {
    this.#drop(Math.max(at, this.#end - windowBytesMax));
  }

  #drop(from: number): void {
    for (let piece = this.#held[this.#first]; piece !== undefined; piece = this.#held[this.#first]) {
      if (piece.at + piece.bytes.length > from) break;
      this.#first += 1;
    }
    if (this.#first < 1_000) return;
    this.#held = this.#held.slice(this.#first);
    this.#first = 0;
  }

  async #more(): Promise<boolean> {
    if (this.#isDone) return false;
    const next = await this.#pieces.next();
    if (next.done) {
      this.#isDone = true;
      return false;
    }
    const { buffer, byteOffset, byteLength } = next.value;
    if (byteLength === 0) return true;
    this.#held.push({ at: this.#end, bytes: Buffer.from(buffer, byteOffset, byteLength) });
    this.#end += byteLength;
    // Nobody takes a message that is larger; the octets before its end are of no use.
    this.#drop(this.#end - windowBytesMax);
    return true;
  }

  /** Index of the piece in which an offset lies. */
  #indexOf(at: number): number {
    let [low, high] = [this.#first, this.#held.length];
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if ((this.#held[middle]?.at ?? 0) <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}
