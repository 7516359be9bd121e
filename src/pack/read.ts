import { type BlobName, type BlobStore, isBlobName } from "#blob/index.ts";
import { Failure, must, type PackId, type TenantId } from "#core/index.ts";
import type { ByteRange, Bytes } from "#disk/index.ts";
import { encodeLines } from "./base64-lines.ts";
import {
  decodeFrameHead,
  decodeHeader,
  decodeTrailer,
  frameBytes,
  frameHeadBytes,
  headerLength,
  isCommitted,
  openFrame,
  type PackHeader,
  type PackIdentity,
  type PackTrailer,
  trailerBytes,
} from "./layout.ts";
import { decodeStoredAt } from "./stored-at.ts";

/** The name a pack is stored under. */
export function packBlobName({ tenant, pack }: PackIdentity): BlobName {
  const name = `packs/${tenant}/${pack}.pack`;
  must(isBlobName(name), `a pack's blob name: ${name}`);
  return name;
}

/** The pack a blob name stands for; undefined when it is no pack's name. */
export function packOfBlob(name: string): PackIdentity | undefined {
  const match = /^packs\/([^/]+)\/(pck_[0-9a-z]{26})\.pack$/.exec(name);
  return match === null ? undefined : { tenant: match[1] as TenantId, pack: match[2] as PackId };
}

/** Opens the keys of packs; the key ring does. */
export type OpenPackKey = (tenant: TenantId, pack: PackId, wrapped: Uint8Array) => Promise<Uint8Array>;

/** A pack that can be read: its identity and key. */
export interface OpenPack extends PackIdentity {
  name: BlobName;
  key: Uint8Array;
}

/** A stretch of a blob in one buffer. */
export async function readWhole(store: BlobStore, name: BlobName, range: ByteRange): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.get(name, range)) pieces.push(piece);
  return pieces.length === 1
    ? Buffer.from(
        (pieces[0] as Uint8Array).buffer,
        (pieces[0] as Uint8Array).byteOffset,
        (pieces[0] as Uint8Array).length,
      )
    : Buffer.concat(pieces);
}

function packDamaged(pack: PackId, detail: string): Failure {
  return new Failure("PACK-DAMAGED", "never", `pack ${pack}: ${detail}`, {
    publicText: "stored bytes do not match what was archived; they are not shown",
    effect: "the damage is limited to what verify names; restore those packs from a backup",
  });
}

async function headerAt(
  store: BlobStore,
  name: BlobName,
  offset: number,
  packBytes: number,
): Promise<PackHeader | undefined> {
  const start = await readWhole(store, name, {
    start: offset,
    length: Math.min(1024, Math.max(0, packBytes - offset)),
  });
  const length = headerLength(start);
  if (length === undefined || offset + length > packBytes) return undefined;
  return decodeHeader(start.length >= length ? start : await readWhole(store, name, { start: offset, length }));
}

/** A pack's header, the copy when the first is damaged, and its trailer; each undefined when it cannot be read. */
export async function readEnds(
  store: BlobStore,
  name: BlobName,
): Promise<{
  bytes: number;
  header: PackHeader | undefined;
  headerCopy: PackHeader | undefined;
  trailer: PackTrailer | undefined;
}> {
  const bytes = (await store.stat(name))?.bytes;
  if (bytes === undefined) throw new Failure("BLOB-MISSING", "never", `there is no blob ${name}`);
  const header = await headerAt(store, name, 0, bytes);
  if (bytes < trailerBytes) return { bytes, header, headerCopy: undefined, trailer: undefined };
  const trailer = decodeTrailer(await readWhole(store, name, { start: bytes - trailerBytes, length: trailerBytes }));
  const isPlausible = trailer !== undefined && trailer.headerCopyOffset < bytes;
  const headerCopy = isPlausible ? await headerAt(store, name, trailer.headerCopyOffset, bytes) : undefined;
  return { bytes, header, headerCopy, trailer };
}

/**
 * Opens a pack by its header, or by the copy of it.
 *
 * @throws `PACK-DAMAGED` when neither can be read, `PACK-MISPLACED` when it is another one, `KEY-WRONG` when the key does
 *   not fit, `PACK-VERSION`, `BLOB-MISSING`
 */
export async function openPack(store: BlobStore, identity: PackIdentity, openKey: OpenPackKey): Promise<OpenPack> {
  const name = packBlobName(identity);
  const { header, headerCopy } = await readEnds(store, name);
  const found = header ?? headerCopy;
  if (found === undefined) throw packDamaged(identity.pack, "neither header can be read");
  const { tenant, pack } = identity;
  if (found.tenant !== tenant || found.pack !== pack)
    throw new Failure("PACK-MISPLACED", "never", `blob ${name} holds pack ${found.pack} of tenant ${found.tenant}`, {
      publicText: "this pack belongs to another tenant or another place",
      effect: "nothing was written",
    });
  const key = await openKey(tenant, pack, found.wrappedKey);
  if (!isCommitted(found, key))
    throw new Failure("KEY-WRONG", "never", `the key does not belong to pack ${pack}`, {
      effect: "nothing was written",
    });
  return { tenant, pack, name, key };
}

/** One frame's plain bytes. Throws `PACK-DAMAGED` when a bit does not fit, `BLOB-SHORT`, `BLOB-MISSING`. */
export async function readFrame(store: BlobStore, pack: OpenPack, range: ByteRange): Promise<Buffer> {
  const frame = await readWhole(store, pack.name, range);
  const head = decodeFrameHead(frame);
  const plain = head?.offset === range.start ? openFrame(pack, pack.key, frame) : undefined;
  if (plain === undefined) throw packDamaged(pack.pack, `the frame at ${range.start} does not open`);
  return plain;
}

/** Plain bytes of frames, the last ones kept at hand: neighbours in a pack share frames. */
export interface FrameReader {
  /** As {@link readFrame}. */
  read(pack: OpenPack, range: ByteRange): Promise<Buffer>;
}

/** @param heldBytesMax how much plain text is kept at hand; at least one frame always is */
export function createFrameReader(store: BlobStore, heldBytesMax: number): FrameReader {
  const held = new Map<string, Buffer>();
  let heldBytes = 0;
  return {
    read: async (pack, range) => {
      const name = `${pack.pack}:${range.start}`;
      const known = held.get(name);
      if (known !== undefined) return known;
      const plain = await readFrame(store, pack, range);
      if (!held.has(name)) heldBytes += plain.length;
      held.set(name, plain);
      for (const [oldest, bytes] of held) {
        if (heldBytes <= heldBytesMax || held.size === 1) break;
        held.delete(oldest);
        heldBytes -= bytes.length;
      }
      return plain;
    },
  };
}

/** Finds what is stored elsewhere. */
export interface Elsewhere {
  /** The bytes of another stored thing. */
  named(name: string): Bytes;
  /** The decoded bytes of a part. */
  part(name: string): Bytes;
}

/** For places that may only point into frames, as those of parts do. Throws `PACK-DAMAGED` for any other piece. */
export const nothingElsewhere: Elsewhere = { named: refuse, part: refuse };

function refuse(name: string): never {
  throw new Failure("PACK-DAMAGED", "never", `a part is made of ${name} instead of bytes`);
}

/** Streams stored bytes, each frame authenticated; what a piece refers to is asked of `elsewhere`. */
export async function* readStored(frames: FrameReader, pack: OpenPack, storedAt: string, elsewhere: Elsewhere): Bytes {
  for (const piece of decodeStoredAt(storedAt)) {
    if (piece.kind === "named") {
      yield* elsewhere.named(piece.name);
      continue;
    }
    if (piece.kind === "part") {
      yield* encodeLines(elsewhere.part(piece.name), piece.lines, piece.bytes);
      continue;
    }
    const plain = await frames.read(pack, { start: piece.offset, length: piece.frameBytes });
    if (piece.start + piece.bytes > plain.length)
      throw packDamaged(pack.pack, `a stretch lies outside the frame at ${piece.offset}`);
    yield plain.subarray(piece.start, piece.start + piece.bytes);
  }
}

/** A frame found by walking. */
export interface FoundFrame {
  offset: number;
  length: number;
  type: "content" | "directory" | "table";
}

/** The frames a pack's table lists; undefined when the table or the trailer cannot be read. */
async function tabled(
  store: BlobStore,
  pack: OpenPack,
  trailer: PackTrailer | undefined,
): Promise<FoundFrame[] | undefined> {
  if (trailer === undefined) return undefined;
  try {
    const plain = await readFrame(store, pack, { start: trailer.tableOffset, length: trailer.tableBytes });
    const rows = JSON.parse(plain.toString("utf8")) as [number, number, number][];
    return rows.map(([offset, length, type]) => ({ offset, length, type: type === 1 ? "content" : "directory" }));
  } catch {
    // A damaged table is not the end: the frames can be walked.
    return undefined;
  }
}

/** The frames found by walking from header to end, looking for the next one after damage. */
async function walked(store: BlobStore, pack: OpenPack, packBytes: number): Promise<FoundFrame[]> {
  const frames: FoundFrame[] = [];
  const step = 64 * 1024;
  for (let offset = 0; offset + frameHeadBytes < packBytes; ) {
    const window = await readWhole(store, pack.name, { start: offset, length: Math.min(step, packBytes - offset) });
    const at = window.indexOf("MFR1");
    if (at < 0) {
      offset += Math.max(1, window.length - 3);
      continue;
    }
    const start = offset + at;
    const head = decodeFrameHead(
      await readWhole(store, pack.name, { start, length: Math.min(frameHeadBytes, packBytes - start) }),
    );
    const isFrame = head !== undefined && head.offset === start && start + frameBytes(head) <= packBytes;
    if (isFrame) frames.push({ offset: start, length: frameBytes(head), type: head.type });
    offset = isFrame ? start + frameBytes(head) : start + 4;
  }
  return frames.filter((frame) => frame.type !== "table");
}

/** Every frame of the pack before its table, by the table, or by walking where the table is damaged. */
export async function listFrames(store: BlobStore, pack: OpenPack): Promise<FoundFrame[]> {
  const { bytes, trailer } = await readEnds(store, pack.name);
  return (await tabled(store, pack, trailer)) ?? (await walked(store, pack, bytes));
}

/** The directory's records, in order; frames that do not open are told to `damaged` and left out. */
export async function* readDirectory(
  store: BlobStore,
  pack: OpenPack,
  damaged: (offset: number) => void,
): AsyncGenerator<string> {
  for (const frame of await listFrames(store, pack)) {
    if (frame.type !== "directory") continue;
    let lines: Buffer;
    try {
      lines = await readFrame(store, pack, { start: frame.offset, length: frame.length });
    } catch {
      damaged(frame.offset);
      continue;
    }
    for (const line of lines.toString("utf8").split("\n")) if (line !== "") yield line;
  }
}
