import { createHash, type Hash } from "node:crypto";
import { type Instant, KiB, must, type Sha256 } from "#core/index.ts";
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
const sharedFrameBytes = 256 * KiB;

/** One thing to store: its bytes in order, where a piece may be another stored thing by name. */
export interface PackObject {
  pieces: readonly (Uint8Array | { name: string; bytes: number })[];
}

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

  seal(type: FrameType, plain: Uint8Array): { frame: Buffer; offset: number } {
    const offset = this.offset;
    const frame = sealFrame(this.#content, this.#content.key, { type, number: this.number++, offset }, plain);
    this.table.push([offset, frame.length, type === "content" ? 1 : 2]);
    return { frame: this.plain(frame), offset };
  }
}

/** Lays the objects out in frames: small ones together, large ones alone; tells where each came to lie. */
function* contentFrames(run: FrameRun, objects: readonly PackObject[], storedAt: StoredPiece[][]): Generator<Buffer> {
  let shared: Uint8Array[] = [];
  let sharedBytes = 0;
  let sharedPieces: FramePiece[] = [];

  function* flush(): Generator<Buffer> {
    if (sharedBytes === 0) return;
    const { frame, offset } = run.seal("content", Buffer.concat(shared));
    for (const piece of sharedPieces) Object.assign(piece, { offset, frameBytes: frame.length });
    shared = [];
    sharedBytes = 0;
    sharedPieces = [];
    yield frame;
  }

  for (const object of objects) {
    const place: StoredPiece[] = [];
    storedAt.push(place);
    for (const piece of object.pieces) {
      if (!(piece instanceof Uint8Array)) {
        place.push({ kind: "named", ...piece });
      } else if (piece.length > sharedFrameBytes) {
        for (let start = 0; start < piece.length; start += contentFrameBytesMax) {
          const part = piece.subarray(start, start + contentFrameBytesMax);
          const { frame, offset } = run.seal("content", part);
          place.push({ kind: "frame", offset, frameBytes: frame.length, start: 0, bytes: part.length });
          yield frame;
        }
      } else if (piece.length > 0) {
        if (sharedBytes + piece.length > contentFrameBytesMax) yield* flush();
        const stretch: FramePiece = {
          kind: "frame",
          offset: 0,
          frameBytes: 0,
          start: sharedBytes,
          bytes: piece.length,
        };
        shared.push(piece);
        sharedBytes += piece.length;
        sharedPieces.push(stretch);
        place.push(stretch);
        if (sharedBytes >= sharedFrameBytes) yield* flush();
      }
    }
  }
  yield* flush();
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
