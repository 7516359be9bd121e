import type { BlobStore } from "#blob/index.ts";
import { Failure, type PackId } from "#core/index.ts";
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
import { listFrames, type OpenPack, readFrame } from "./read.ts";
import { decodeStoredAt, encodeStoredAt, type FramePiece, type StoredPiece } from "./stored-at.ts";

/** Frames of this plain length and more are copied as they are; shorter ones are put together. */
const fullFrameBytes = sharedFrameBytes / 2;

/** Where in the new pack lies what lay at a place of one of the packs it is made from. */
export type MovedTo = (pack: PackId, storedAt: string) => string;

/** A pack made of the content of others. */
export interface PackCopy extends PackMaking {
  /** In the order in which their content is to lie. */
  sources: readonly OpenPack[];
  /** The directory's records, one JSON line each, given where everything came to lie. */
  directory: (moved: MovedTo) => Iterable<string>;
}

/**
 * The bytes of a pack that holds every content frame of its sources, sealed anew under its own key; what small frames held
 * shares frames. One frame is held at a time.
 *
 * @param written is called once the last byte was taken
 * @throws `PACK-DAMAGED` where a frame of a source does not open, and what the store throws
 */
export function copiedBody(store: BlobStore, copy: PackCopy, written: (body: WrittenBody) => void): Bytes {
  const places = new Map<string, StoredPiece[]>();
  const moved: MovedTo = (pack, storedAt) =>
    encodeStoredAt(
      decodeStoredAt(storedAt).map((piece) => (piece.kind === "frame" ? movedPiece(places, pack, piece) : piece)),
    );
  const inside = {
    content: (run: FrameRun) => copiedFrames(store, copy.sources, run, places),
    directory: () => copy.directory(moved),
  };
  return framedBody(copy, inside, written);
}

const placeName = (pack: PackId, offset: number): string => `${pack}:${offset}`;

function movedPiece(places: ReadonlyMap<string, StoredPiece[]>, pack: PackId, piece: FramePiece): FramePiece {
  const to = places.get(placeName(pack, piece.offset))?.[0];
  if (to?.kind !== "frame" || piece.start + piece.bytes > to.bytes)
    throw new Failure("PACK-DAMAGED", "never", `pack ${pack}: an entry points at ${piece.offset}, where no frame is`);
  return { ...piece, offset: to.offset, frameBytes: to.frameBytes, start: to.start + piece.start };
}

async function* copiedFrames(
  store: BlobStore,
  sources: readonly OpenPack[],
  run: FrameRun,
  places: Map<string, StoredPiece[]>,
): AsyncGenerator<Buffer> {
  const shared = new SharedFrame(run, false);
  const dense = new SharedFrame(run, true);
  for (const source of sources)
    for (const { offset, length, type } of await listFrames(store, source)) {
      if (type !== "content") continue;
      const plain = await readFrame(store, source, { start: offset, length });
      const place: StoredPiece[] = [];
      places.set(placeName(source.pack, offset), place);
      if (plain.length < fullFrameBytes) yield* (isDense(plain) ? dense : shared).add(plain, place);
      else {
        const { frame, offset: at } = run.seal("content", plain, isDense(plain));
        place.push({ kind: "frame", offset: at, frameBytes: frame.length, start: 0, bytes: plain.length });
        yield frame;
      }
    }
  yield* shared.flush();
  yield* dense.flush();
}
