import { createHash, type Hash } from "node:crypto";
import { type Instant, KiB, type Sha256 } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
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
import type { FramePiece, StoredPiece } from "./stored-at.ts";

/** Small things share a frame up to about this: enough to compress well, little to read for one of them. */
export const sharedFrameBytes = 256 * KiB;

/** A pack that is being written. */
export interface PackMaking extends PackIdentity {
  createdAt: Instant;
  key: Uint8Array;
  wrappedKey: Uint8Array;
}

/** What became of a pack that was written to its end. */
export interface WrittenBody {
  bytes: number;
  sha256: Sha256;
}

/** Frames in the order in which they are written: numbers, offsets, the table and the digest of the whole. */
export class FrameRun {
  readonly #pack: PackMaking;
  readonly #hash: Hash;
  readonly table: [number, number, number][] = [];
  offset = 0;
  number = 0;

  constructor(pack: PackMaking, hash: Hash) {
    this.#pack = pack;
    this.#hash = hash;
  }

  /** Accounts for bytes that go out as they are. */
  plain(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    this.offset += bytes.length;
    return bytes;
  }

  /** Seals the next frame; the caller passes it on. */
  seal(type: FrameType, plain: Uint8Array, isDense = false): { frame: Buffer; offset: number } {
    const offset = this.offset;
    const frame = sealFrame(this.#pack, this.#pack.key, { type, number: this.number++, offset }, plain, isDense);
    this.table.push([offset, frame.length, type === "content" ? 1 : 2]);
    return { frame: this.plain(frame), offset };
  }
}

/** A frame that small things share, while it fills. */
export class SharedFrame {
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

  /** Yields what is held as a frame. */
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

/** What stands between header and table: content frames, and the directory's lines, which know where everything came to lie. */
export interface PackInside {
  content: (run: FrameRun) => AsyncIterable<Buffer> | Iterable<Buffer>;
  directory: () => Iterable<string>;
}

/**
 * The pack's bytes from header to trailer, one frame at a time, so that a pack of any size takes little memory.
 *
 * @param written is called once the last byte was taken
 */
export async function* framedBody(pack: PackMaking, inside: PackInside, written: (body: WrittenBody) => void): Bytes {
  const hash = createHash("sha256");
  const run = new FrameRun(pack, hash);
  const header = encodeHeader({ ...pack, commitment: commitmentOf(pack.key) });
  yield run.plain(header);
  yield* inside.content(run);
  yield* directoryFrames(run, inside.directory());

  const tableOffset = run.offset;
  const table = run.seal("table", Buffer.from(JSON.stringify(run.table))).frame;
  yield table;
  const headerCopyOffset = run.offset;
  yield run.plain(header);

  const packBytes = run.offset + trailerBytes;
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
  written({ bytes: packBytes, sha256: hash.digest("hex") as Sha256 });
}
