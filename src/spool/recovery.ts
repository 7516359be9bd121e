import { join } from "node:path";
import { Failure } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { decodeEnd, type EndFacts } from "./end-record.ts";
import type { KeyOfSalt } from "./read.ts";
import {
  decodeHead,
  isRecordOfOtherVersion,
  openRecord,
  type RecordHead,
  recordAlignment,
  recordBytes,
  recordHeaderBytes,
} from "./record.ts";
import type { SpoolDamage, SpooledItem, SpoolId, SpoolPiece, SpoolRecovery } from "./spool.ts";

/** What a scan of one segment found. */
interface SegmentScan {
  segment: number;
  generation: number;
  records: { head: RecordHead; offset: number; end: EndFacts | undefined }[];
  /** Unreadable stretches, [from, to). */
  gaps: [number, number][];
  durableTo: number;
}

/** Everything the spool starts from. */
export interface Recovered {
  items: SpooledItem[];
  /** What is left of accepted items that are not whole; it keeps their segments until the item is released. */
  remains: Map<SpoolId, readonly SpoolPiece[]>;
  generation: number;
  segments: Map<number, { records: number; isPinned: boolean }>;
  report: SpoolRecovery;
}

async function scanSegment(disk: Disk, path: string, segment: number, keyOfSalt: KeyOfSalt): Promise<SegmentScan> {
  const bytes = await disk.read(path);
  const scan: SegmentScan = { segment, generation: 0, records: [], gaps: [], durableTo: 0 };
  let gapFrom = 0;
  for (let offset = 0; offset + recordHeaderBytes <= bytes.length; ) {
    const found = await recordAt(bytes, offset, scan, keyOfSalt);
    if (found === undefined) {
      offset += recordAlignment;
      continue;
    }
    if (found.head.generation > scan.generation)
      Object.assign(scan, { generation: found.head.generation, records: [], gaps: [], durableTo: 0 });
    if (offset > gapFrom) scan.gaps.push([gapFrom, offset]);
    if (found.head.kind !== "mark") scan.records.push(found);
    scan.durableTo = Math.max(scan.durableTo, found.head.durableTo);
    offset += recordBytes(found.head.payloadBytes);
    gapFrom = offset;
  }
  return scan;
}

/** The readable record of the newest generation so far at `offset`, if one stands there. */
async function recordAt(bytes: Uint8Array, offset: number, scan: SegmentScan, keyOfSalt: KeyOfSalt) {
  const rest = bytes.subarray(offset);
  if (rest[0] !== 0x4d) return undefined;
  if (isRecordOfOtherVersion(rest))
    throw new Failure(
      "SPOOL-VERSION",
      "never",
      `spool segment ${scan.segment} is of a newer version; install a newer muniment`,
      {
        effect: "the spooled mail is safe and untouched",
      },
    );
  const head = decodeHead(rest);
  if (head === undefined || head.segment !== scan.segment || head.generation < scan.generation) return undefined;
  const payload = openRecord(await keyOfSalt(head.salt), head, offset, rest);
  if (payload === undefined) return undefined;
  return { head, offset, end: head.kind === "end" ? decodeEnd(payload)?.facts : undefined };
}

const placeOf = ({ segment, offset, bytes }: SpoolPiece): SpoolPiece => ({ segment, offset, bytes });

/** The items of all scans, in the order in which they were accepted as far as the log tells. */
function assemble(scans: SegmentScan[]) {
  const byItem = new Map<
    string,
    { pieces: (SpoolPiece & { ordinal: number })[]; end: EndFacts | undefined; isSureAccepted: boolean }
  >();
  for (const scan of scans)
    for (const { head, offset, end } of scan.records) {
      const id = Buffer.from(head.item).toString("hex");
      const item = byItem.get(id) ?? { pieces: [], end: undefined, isSureAccepted: false };
      item.pieces.push({ segment: scan.segment, offset, bytes: head.payloadBytes, ordinal: head.ordinal });
      if (head.kind === "end") {
        item.end = end;
        item.isSureAccepted = offset + recordBytes(head.payloadBytes) <= scan.durableTo;
      }
      byItem.set(id, item);
    }
  return byItem;
}

/**
 * Reads every segment and tells what is waiting, what was never finished, and what is damaged. Changes nothing, so it may
 * be repeated and interrupted.
 *
 * @throws `SPOOL-VERSION` when a segment is of a newer version
 */
export async function recoverSpool(disk: Disk, directory: string, keyOfSalt: KeyOfSalt): Promise<Recovered> {
  const scans: SegmentScan[] = [];
  for (const name of await disk.list(directory)) {
    const segment = /^segment-([1-9]\d*)\.spool$/.exec(name)?.[1];
    if (segment !== undefined) scans.push(await scanSegment(disk, join(directory, name), Number(segment), keyOfSalt));
  }
  scans.sort((a, b) => a.generation - b.generation);

  const damaged: SpoolDamage[] = [];
  const segments = new Map<number, { records: number; isPinned: boolean }>();
  for (const { segment, gaps, durableTo } of scans) {
    const lost = gaps.filter(([from]) => from < durableTo);
    segments.set(segment, { records: 0, isPinned: lost.length > 0 });
    for (const [from, to] of lost)
      damaged.push({
        kind: "bytes",
        segment,
        reason: `segment ${segment}: bytes ${from} to ${Math.min(to, durableTo)} were synced and cannot be read`,
      });
  }

  const items: SpooledItem[] = [];
  const remains = new Map<SpoolId, readonly SpoolPiece[]>();
  const keep = (pieces: readonly SpoolPiece[]) => {
    for (const piece of pieces) (segments.get(piece.segment) as { records: number }).records += 1;
  };
  let unfinished = 0;
  for (const [id, { pieces, end, isSureAccepted }] of assemble(scans)) {
    pieces.sort((a, b) => a.ordinal - b.ordinal);
    const isWhole = end !== undefined && pieces.every((piece, index) => piece.ordinal === index);
    if (end !== undefined && isWhole) {
      keep(pieces);
      items.push({
        id: id as SpoolId,
        arrival: end.arrival,
        bytes: end.bytes,
        sha256: end.sha256,
        pieces: pieces.map(placeOf),
      });
    } else if (end !== undefined && isSureAccepted) {
      const { receipt, destination } = end.arrival;
      const reason = "it was accepted and a stretch of it cannot be read";
      damaged.push({ kind: "item", id: id as SpoolId, tenant: destination.tenant, receipt, reason });
      remains.set(id as SpoolId, pieces.map(placeOf));
      keep(pieces);
    } else unfinished += 1;
  }
  const generation = scans.reduce((highest, scan) => Math.max(highest, scan.generation), 0);
  return { items, remains, generation, segments, report: { items: items.length, damaged, unfinished } };
}
