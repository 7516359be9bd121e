import type { ByteRange } from "#disk/index.ts";
import { nonceBytes, sealedPieces, tagBytes, unseal } from "#keyring/index.ts";

/** Layout of one record, as docs/formats/spool.md draws it. */
export const recordHeaderBytes = 64;
/** Records start at multiples of this, so that recovery can find the next one after damage. */
export const recordAlignment = 16;
/** Largest plain payload of a record in bytes: bounds what a reader must hold. */
const payloadBytesMax = 1024 * 1024;

const magic = Buffer.from("MSR1");
const magicFamily = Buffer.from("MSR");

/** A piece of an item's bytes, the record that ends it and makes it count, or a `mark` of how far the segment was synced. */
export type RecordKind = "piece" | "end" | "mark";

const kinds: readonly RecordKind[] = ["piece", "end", "mark"];

/** What stands in a record's header. */
export interface RecordHead {
  kind: RecordKind;
  generation: number;
  segment: number;
  payloadBytes: number;
  ordinal: number;
  /** 16 bytes. */
  item: Uint8Array;
  /** 16 bytes. */
  salt: Uint8Array;
  durableTo: number;
}

/** Length of a record with this payload on disk, padding included. */
export function recordBytes(payloadBytes: number): number {
  const bytes = recordHeaderBytes + payloadBytes + tagBytes;
  return bytes + padding(bytes);
}

function padding(bytes: number): number {
  return (recordAlignment - (bytes % recordAlignment)) % recordAlignment;
}

function nonceAt(generation: number, offset: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUInt32BE(generation, 0);
  nonce.writeBigUInt64BE(BigInt(offset), 4);
  return nonce;
}

function encodeHead(head: RecordHead): Buffer {
  const bytes = Buffer.alloc(recordHeaderBytes);
  magic.copy(bytes, 0);
  bytes[4] = kinds.indexOf(head.kind) + 1;
  bytes.writeUInt32BE(head.generation, 8);
  bytes.writeUInt32BE(head.segment, 12);
  bytes.writeUInt32BE(head.payloadBytes, 16);
  bytes.writeUInt32BE(head.ordinal, 20);
  bytes.set(head.item, 24);
  bytes.set(head.salt, 40);
  bytes.writeBigUInt64BE(BigInt(head.durableTo), 56);
  return bytes;
}

/** The pieces of a record to be written at `offset` of its segment, in order; `payload` is `head.payloadBytes` long in all. */
export function encodeRecord(
  key: Uint8Array,
  head: RecordHead,
  offset: number,
  payload: readonly Uint8Array[],
): Uint8Array[] {
  const headBytes = encodeHead(head);
  const sealed = sealedPieces(key, nonceAt(head.generation, offset), headBytes, payload);
  const fill = padding(recordHeaderBytes + head.payloadBytes + tagBytes);
  return fill === 0 ? [headBytes, ...sealed] : [headBytes, ...sealed, Buffer.alloc(fill)];
}

/** Whether a record of any version starts here; a version this code does not know stops recovery. */
export function isRecordOfOtherVersion(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, 4);
  return (
    start.subarray(0, 3).equals(magicFamily) && !start.equals(magic) && /[2-9]/.test(String.fromCharCode(start[3] ?? 0))
  );
}

/** Reads a header; undefined when none that could be genuine stands here. */
export function decodeHead(bytes: Uint8Array): RecordHead | undefined {
  if (bytes.length < recordHeaderBytes) return undefined;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, recordHeaderBytes);
  if (!head.subarray(0, 4).equals(magic)) return undefined;
  const kind = kinds[(head[4] ?? 0) - 1];
  const payloadBytes = head.readUInt32BE(16);
  if (kind === undefined || payloadBytes > payloadBytesMax) return undefined;
  return {
    kind,
    generation: head.readUInt32BE(8),
    segment: head.readUInt32BE(12),
    payloadBytes,
    ordinal: head.readUInt32BE(20),
    item: Buffer.from(head.subarray(24, 40)),
    salt: Buffer.from(head.subarray(40, 56)),
    durableTo: Number(head.readBigUInt64BE(56)),
  };
}

/** The payload of a whole record read from `offset`; undefined when a single bit does not fit. */
export function openRecord(key: Uint8Array, head: RecordHead, offset: number, record: Uint8Array): Buffer | undefined {
  const sealed = record.subarray(recordHeaderBytes, recordHeaderBytes + head.payloadBytes + tagBytes);
  return unseal(key, nonceAt(head.generation, offset), record.subarray(0, recordHeaderBytes), sealed);
}

/** Where the whole record of a payload stands. */
export function recordRange(offset: number, payloadBytes: number): ByteRange {
  return { start: offset, length: recordHeaderBytes + payloadBytes + tagBytes };
}
