import { must } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { isDense } from "./density.ts";
import {
  type FrameRun,
  framedBody,
  type PackMaking,
  SharedFrame,
  sharedFrameBytes,
  type WrittenBody,
} from "./frames.ts";
import { contentFrameBytesMax } from "./layout.ts";
import type { NamedPiece, PartPiece, StoredPiece } from "./stored-at.ts";

/** A part to store: its bytes, which may be asked for again, in chunks of at most {@link contentFrameBytesMax}. */
export interface PackPart {
  kind: "part";
  bytes: number;
  chunks(): Iterable<Uint8Array>;
}

/** One thing to store: a part, or bytes in order, where a piece may be made of other stored things by name. */
export type PackObject = PackPart | { kind: "whole"; pieces: readonly (Uint8Array | NamedPiece | PartPiece)[] };

/** What a pack is made of. Asking for its bytes twice gives the same bytes. */
export interface PackContent extends PackMaking {
  objects: readonly PackObject[];
  /** The directory's records, one JSON line each, given where each object came to lie. */
  directory: (storedAt: readonly StoredPiece[][]) => Iterable<string>;
}

/** What became of the last complete run of {@link packBody}. */
export interface WrittenPack extends WrittenBody {
  storedAt: StoredPiece[][];
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

/**
 * The pack's bytes from header to trailer, one frame at a time, so that a pack of any size takes little memory.
 *
 * @param written is called once the last byte was taken
 */
export function packBody(content: PackContent, written: (pack: WrittenPack) => void): Bytes {
  const storedAt: StoredPiece[][] = [];
  const inside = {
    content: (run: FrameRun) => contentFrames(run, content.objects, storedAt),
    directory: () => content.directory(storedAt),
  };
  return framedBody(content, inside, (body) => {
    must(storedAt.length === content.objects.length, "every object has a place");
    written({ ...body, storedAt });
  });
}
