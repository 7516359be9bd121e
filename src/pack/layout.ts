import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { Failure, type Instant, MiB, type PackId, type TenantId } from "#core/index.ts";
import { nonceBytes, sealedPieces, tagBytes, unseal } from "#keyring/index.ts";

/** Which pack, of whom: part of every frame's context. */
export interface PackIdentity {
  tenant: TenantId;
  pack: PackId;
}

/** What a pack's header says. */
export interface PackHeader extends PackIdentity {
  createdAt: Instant;
  wrappedKey: Uint8Array;
  commitment: Uint8Array;
}

/** What a frame holds: bytes of mail, what the catalogue is told of them, or where the frames are. */
export type FrameType = "content" | "directory" | "table";

/** A frame's header, see docs/formats/pack.md. */
export interface FrameHead {
  type: FrameType;
  isCompressed: boolean;
  number: number;
  plainBytes: number;
  sealedBytes: number;
  offset: number;
}

/** What a pack's trailer says. */
export interface PackTrailer {
  tableOffset: number;
  tableBytes: number;
  headerBytes: number;
  headerCopyOffset: number;
  packBytes: number;
  /** SHA-256 of everything before the trailer. */
  digest: Buffer;
}

/** Lengths in bytes of what has a fixed one, as docs/formats/pack.md draws it. */
export const frameHeadBytes = 32;
export const trailerBytes = 96;
/** Largest plain content of a frame: one read never holds more than this of a message. */
export const contentFrameBytesMax = MiB;
/** Largest plain directory or table frame a reader opens. */
const otherFrameBytesMax = 64 * MiB;
/** Longest header JSON a reader believes. */
const headerBytesMax = 64 * 1024;

const headerMagic = Buffer.from("MUNPACK1");
const frameMagic = Buffer.from("MFR1");
const trailerMagic = Buffer.from("MUNPEND1");
const frameTypes: readonly FrameType[] = ["content", "directory", "table"];

const sha256 = (...pieces: Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
};

/** Proves which key a pack was sealed with, without revealing it. */
export function commitmentOf(key: Uint8Array): Buffer {
  return createHmac("sha256", key).update("muniment.pack.commitment").digest();
}

/** Whether `key` is the one the header commits to. */
export function isCommitted(header: PackHeader, key: Uint8Array): boolean {
  const commitment = commitmentOf(key);
  return commitment.length === header.commitment.length && timingSafeEqual(commitment, header.commitment);
}

/** The bytes of a header: magic, length, JSON and its digest, as docs/formats/pack.md draws it. */
export function encodeHeader(header: PackHeader): Buffer {
  const { tenant, pack, createdAt, wrappedKey, commitment } = header;
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const json = Buffer.from(
    JSON.stringify({ v: 1, tenant, pack, createdAt, wrappedKey: base64(wrappedKey), commitment: base64(commitment) }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([headerMagic, length, json, sha256(headerMagic, length, json)]);
}

/** How long the header is that starts here; undefined when none of any version does. */
export function headerLength(start: Uint8Array): number | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  if (bytes.length < 12 || !bytes.subarray(0, 7).equals(headerMagic.subarray(0, 7))) return undefined;
  const length = bytes.readUInt32BE(8);
  return length > headerBytesMax ? undefined : 12 + length + 32;
}

/**
 * Reads a header; undefined when it is damaged.
 *
 * @throws `PACK-VERSION` when it is whole and of a version this code does not know
 */
export function decodeHeader(start: Uint8Array): PackHeader | undefined {
  const length = headerLength(start);
  if (length === undefined || start.length < length) return undefined;
  const bytes = Buffer.from(start.buffer, start.byteOffset, length);
  if (!sha256(bytes.subarray(0, length - 32)).equals(bytes.subarray(length - 32))) return undefined;
  if (!bytes.subarray(0, 8).equals(headerMagic))
    throw new Failure("PACK-VERSION", "never", "the pack is of a newer version; install a newer muniment", {
      effect: "nothing was written",
    });
  const json = JSON.parse(bytes.subarray(12, length - 32).toString("utf8"));
  return {
    tenant: json.tenant,
    pack: json.pack,
    createdAt: json.createdAt,
    wrappedKey: Buffer.from(json.wrappedKey, "base64"),
    commitment: Buffer.from(json.commitment, "base64"),
  };
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeBigUInt64BE(BigInt(number), 4);
  return nonce;
}

function contextOf({ tenant, pack }: PackIdentity, head: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`muniment.pack.1\0${tenant}\0${pack}\0`), head]);
}

function encodeFrameHead(head: FrameHead): Buffer {
  const bytes = Buffer.alloc(frameHeadBytes);
  frameMagic.copy(bytes);
  bytes[4] = frameTypes.indexOf(head.type) + 1;
  bytes[5] = head.isCompressed ? 1 : 0;
  bytes.writeUInt32BE(head.number, 8);
  bytes.writeUInt32BE(head.plainBytes, 12);
  bytes.writeUInt32BE(head.sealedBytes, 16);
  bytes.writeBigUInt64BE(BigInt(head.offset), 20);
  return bytes;
}

/** Reads a frame's header; undefined when none that could be genuine stands here. */
export function decodeFrameHead(start: Uint8Array): FrameHead | undefined {
  if (start.length < frameHeadBytes) return undefined;
  const bytes = Buffer.from(start.buffer, start.byteOffset, frameHeadBytes);
  const type = frameTypes[(bytes[4] ?? 0) - 1];
  if (!bytes.subarray(0, 4).equals(frameMagic) || type === undefined) return undefined;
  const plainBytes = bytes.readUInt32BE(12);
  const sealedBytes = bytes.readUInt32BE(16);
  const bytesMax = type === "content" ? contentFrameBytesMax : otherFrameBytesMax;
  if (plainBytes > bytesMax || sealedBytes > plainBytes) return undefined;
  const offset = Number(bytes.readBigUInt64BE(20));
  return { type, isCompressed: bytes[5] === 1, number: bytes.readUInt32BE(8), plainBytes, sealedBytes, offset };
}

function compress(plain: Uint8Array): Buffer {
  const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };
  // Told the size, zstd makes its tables no larger than that takes.
  return zstdCompressSync(plain, { params, pledgedSrcSize: plain.length });
}

/** Length of a whole frame. */
export function frameBytes(head: FrameHead): number {
  return frameHeadBytes + head.sealedBytes + tagBytes;
}

/**
 * Seals one frame that will stand at `offset`. Compressed only where that saves something.
 *
 * @param isDense known not to compress, so that it is not tried
 */
export function sealFrame(
  identity: PackIdentity,
  key: Uint8Array,
  place: { type: FrameType; number: number; offset: number },
  plain: Uint8Array,
  isDense = false,
): Buffer {
  const packed = isDense ? plain : compress(plain);
  const isCompressed = packed.length < plain.length;
  const body = isCompressed ? packed : plain;
  const head = encodeFrameHead({ ...place, isCompressed, plainBytes: plain.length, sealedBytes: body.length });
  return Buffer.concat([head, ...sealedPieces(key, nonceOf(place.number), contextOf(identity, head), [body])]);
}

/** The plain bytes of a whole frame; undefined when a single bit does not fit. */
export function openFrame(identity: PackIdentity, key: Uint8Array, frame: Uint8Array): Buffer | undefined {
  const head = decodeFrameHead(frame);
  if (head === undefined || frame.length < frameBytes(head)) return undefined;
  const context = contextOf(identity, frame.subarray(0, frameHeadBytes));
  const body = unseal(key, nonceOf(head.number), context, frame.subarray(frameHeadBytes, frameBytes(head)));
  if (body === undefined) return undefined;
  if (!head.isCompressed) return body.length === head.plainBytes ? body : undefined;
  try {
    // rejectGarbageAfterEnd: without it Node drops everything after the first zstd frame in silence.
    const plain = zstdDecompressSync(body, {
      maxOutputLength: head.plainBytes + 1,
      rejectGarbageAfterEnd: true,
    } as object);
    return plain.length === head.plainBytes ? plain : undefined;
  } catch {
    return undefined;
  }
}

/** The {@link trailerBytes} bytes that end a pack. */
export function encodeTrailer(trailer: PackTrailer): Buffer {
  const bytes = Buffer.alloc(trailerBytes);
  trailerMagic.copy(bytes);
  bytes.writeBigUInt64BE(BigInt(trailer.tableOffset), 8);
  bytes.writeUInt32BE(trailer.tableBytes, 16);
  bytes.writeUInt32BE(trailer.headerBytes, 20);
  bytes.writeBigUInt64BE(BigInt(trailer.headerCopyOffset), 24);
  bytes.writeBigUInt64BE(BigInt(trailer.packBytes), 32);
  trailer.digest.copy(bytes, 40);
  sha256(bytes.subarray(0, 72)).copy(bytes, 72, 0, 24);
  return bytes;
}

/** Reads a trailer; undefined when it is damaged. */
export function decodeTrailer(end: Uint8Array): PackTrailer | undefined {
  if (end.length !== trailerBytes) return undefined;
  const bytes = Buffer.from(end.buffer, end.byteOffset, trailerBytes);
  if (!bytes.subarray(0, 8).equals(trailerMagic)) return undefined;
  if (!sha256(bytes.subarray(0, 72)).subarray(0, 24).equals(bytes.subarray(72))) return undefined;
  return {
    tableOffset: Number(bytes.readBigUInt64BE(8)),
    tableBytes: bytes.readUInt32BE(16),
    headerBytes: bytes.readUInt32BE(20),
    headerCopyOffset: Number(bytes.readBigUInt64BE(24)),
    packBytes: Number(bytes.readBigUInt64BE(32)),
    digest: Buffer.from(bytes.subarray(40, 72)),
  };
}
