import { createHash, type Hash } from "node:crypto";
import { type Instant, KiB, must, type Sha256 } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { isDense } from "./density.ts";
import {
  commitmentOf,
  contentFrameBytesMax,
  encodeHeader,
  encodeTrailer,
  type FrameType,
  type PackIdentity,
  sealFrame,
  trailerBytes,
} from "./layout.ts";
import type { FramePiece, NamedPiece, PartPiece, StoredPiece } from "./stored-at.ts";

/** Small things share a frame up to about this: enough to compress well, little to read for one of them. */
const sharedFrameBytes = 256 * KiB;

/** A part to store: its bytes, which may be asked for again, in chunks of at most {@link contentFrameBytesMax}. */
export interface PackPart {
  kind: "part";
  bytes: number;
  chunks(): Iterable<Uint8Array>;
}

/** One thing to store: a part, or bytes in order, where a piece may be made of other stored things by name. */
export type PackObject = PackPart | { kind: "whole"; pieces: readonly (Uint8Array | NamedPiece | PartPiece)[] };

/** What a pack is made of. Asking for its bytes twice gives the same bytes. */
export interface PackContent extends PackIdentity {
  createdAt: Instant;
  key: Uint8Array;
  wrappedKey: Uint8Array;
  objects: readonly PackObject[];
  /** The directory's records, one JSON line each, given where each object came to lie. */
  directory: (storedAt: readonly StoredPiece[][]) => Iterable<string>;
}

/** What became of the last complete run of {@link packBody}. */
export interface WrittenPack {
  bytes: number;
  sha256: Sha256;
  storedAt: StoredPiece[][];
}

class FrameRun {
  readonly #content: PackContent;
  readonly #hash: Hash;
  readonly table: [number, number, number][] = [];
  offset = 0;
  number = 0;

  constructor(content: PackContent, hash: Hash) {
    this.#content = content;
    this.#hash = hash;
  }

  /** Accounts for bytes that go out as they are. */
  plain(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    this.offset += bytes.length;
    return bytes;
  }

  seal(type: FrameType, plain: Uint8Array, isDense = false): { frame: Buffer; offset: number } {
    const offset = this.offset;
    const frame = sealFrame(this.#content, this.#content.key, { type, number: this.number++, offset }, plain, isDense);
    this.table.push([offset, frame.length, type === "content" ? 1 : 2]);
    return { frame: this.plain(frame), offset };
  }
}

/** A frame that small things share, while it fills. */
class SharedFrame {
  readonly #run: FrameRun;
  readonly #isDense: boolean;
  #plain: Uint8Array[] = [];
  #plainBytes = 0;
  #stretches: FramePiece[] = [];

  constructor(run: FrameRun, isDense: boolean) {
    this.#run = run;
    this.#isDense = isDense;
  }

  /** Puts `bytes` in; yields the frame when it is full. The stretch's place is known once its frame was yielded. */
  *add(bytes: Uint8Array, place: StoredPiece[]): Generator<Buffer> {
    if (this.#plainBytes + bytes.length > contentFrameBytesMax) yield* this.flush();
    const stretch: FramePiece = {
      kind: "frame",
      offset: 0,
      frameBytes: 0,
      start: this.#plainBytes,
      bytes: bytes.length,
    };
    this.#plain.push(bytes);
    this.#plainBytes += bytes.length;
    this.#stretches.push(stretch);
    place.push(stretch);
    if (this.#plainBytes >= sharedFrameBytes) yield* this.flush();
  }

  *flush(): Generator<Buffer> {
    if (this.#plainBytes === 0) return;
    const { frame, offset } = this.#run.seal("content", Buffer.concat(this.#plain), this.#isDense);
    for (const stretch of this.#stretches) Object.assign(stretch, { offset, frameBytes: frame.length });
    this.#plain = [];
    this.#plainBytes = 0;
    this.#stretches = [];
    yield frame;
  }
}

/** Lays the objects out in frames: small ones together, large ones alone; tells where each came to lie. */
function* contentFrames(run: FrameRun, objects: readonly PackObject[], storedAt: StoredPiece[][]): Generator<Buffer> {
  const shared = new SharedFrame(run, false);
  const dense = new SharedFrame(run, true);

  function* alone(bytes: Uint8Array, place: StoredPiece[], isDense: boolean): Generator<Buffer> {
    for (let start = 0; start < bytes.length; start += contentFrameBytesMax) {
      const plain = bytes.subarray(start, start + contentFrameBytesMax);
      const { frame, offset } = run.seal("content", plain, isDense);
      place.push({ kind: "frame", offset, frameBytes: frame.length, start: 0, bytes: plain.length });
      yield frame;
    }
  }

  function* part(object: PackPart, place: StoredPiece[]): Generator<Buffer> {
    for (const chunk of object.chunks()) {
      // Each chunk is looked at: a document may hold text first and pictures behind.
      if (object.bytes > sharedFrameBytes) yield* alone(chunk, place, isDense(chunk));
      else yield* (isDense(chunk) ? dense : shared).add(chunk, place);
    }
  }

  for (const object of objects) {
    const place: StoredPiece[] = [];
    storedAt.push(place);
    if (object.kind === "part") {
      yield* part(object, place);
      continue;
    }
    for (const piece of object.pieces) {
      if (!(piece instanceof Uint8Array)) place.push(piece);
      else if (piece.length > sharedFrameBytes) yield* alone(piece, place, false);
      else if (piece.length > 0) yield* shared.add(piece, place);
    }
  }
  yield* shared.flush();
  yield* dense.flush();
}

function* directoryFrames(run: FrameRun, lines: Iterable<string>): Generator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for (const line of lines) {
    const bytes = Buffer.from(`${line}\n`);
    if (heldBytes > 0 && heldBytes + bytes.length > contentFrameBytesMax) {
      yield run.seal("directory", Buffer.concat(held)).frame;
      held = [];
      heldBytes = 0;
    }
    held.push(bytes);
    heldBytes += bytes.length;
  }
  if (heldBytes > 0) yield run.seal("directory", Buffer.concat(held)).frame;
}

/**
 * The pack's bytes from header to trailer, one frame at a time, so that a pack of any size takes little memory.
 *
 * @param written is called once the last byte was taken
 */
export async function* packBody(content: PackContent, written: (pack: WrittenPack) => void): Bytes {
  const hash = createHash("sha256");
  const run = new FrameRun(content, hash);
  const header = encodeHeader({ ...content, commitment: commitmentOf(content.key) });
  yield run.plain(header);

  const storedAt: StoredPiece[][] = [];
  yield* contentFrames(run, content.objects, storedAt);
  yield* directoryFrames(run, content.directory(storedAt));

  const tableOffset = run.offset;
  const table = run.seal("table", Buffer.from(JSON.stringify(run.table))).frame;
  yield table;
  const headerCopyOffset = run.offset;
  yield run.plain(header);

  const packBytes = run.offset + trailerBytes;
  must(storedAt.length === content.objects.length, "every object has a place");
  const digest = hash.copy().digest();
  const trailer = encodeTrailer({
    tableOffset,
    tableBytes: table.length,
    headerBytes: header.length,
    headerCopyOffset,
    packBytes,
    digest,
  });
  yield run.plain(trailer);
  written({ bytes: packBytes, sha256: hash.digest("hex") as Sha256, storedAt });
}
