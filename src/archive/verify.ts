import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow } from "#catalogue/index.ts";
import { isFailure, type MessageId, type PackId, type TenantId } from "#core/index.ts";
import { checkPack, decodeStoredAt, type OpenPackKey, openPack, type PackDamage } from "#pack/index.ts";
import type { Retrieval } from "./retrieve.ts";
import type { Damage, Progress, VerifyResult } from "./use-cases.ts";

/** What a verification reads from. */
export interface VerifyParts {
  blobs: BlobStore;
  catalogue: ArchiveCatalogue;
  retrieval: Retrieval;
  openKey: OpenPackKey;
}

/** Messages looked up at once. */
const pageMax = 200;

async function rowsOf(parts: VerifyParts, tenant: TenantId, ids: readonly MessageId[]): Promise<MessageRow[]> {
  const rows: MessageRow[] = [];
  for (let start = 0; start < ids.length; start += pageMax)
    rows.push(...(await parts.catalogue.messages(tenant, ids.slice(start, start + pageMax))));
  return rows;
}

/** Offsets of the frames in this pack that the message, or a report around it, needs. */
function framesOf(row: MessageRow, pack: PackId): Set<number> {
  const places = [
    row.pack === pack ? row.storedAt : null,
    ...row.receipts.map(({ report }) => (report?.pack === pack ? report.storedAt : null)),
  ];
  const offsets = new Set<number>();
  for (const place of places)
    for (const piece of place === null ? [] : decodeStoredAt(place))
      if (piece.kind === "frame") offsets.add(piece.offset);
  return offsets;
}

/** Names every message a damaged place touches: those in the frame, or all of the pack where the place concerns all. */
function touched(damage: PackDamage, pack: PackId, rows: readonly MessageRow[]): Damage[] {
  const hit = damage.place === "frame" ? rows.filter((row) => framesOf(row, pack).has(damage.offset)) : rows;
  const fact = { pack, place: damage.place, detail: damage.detail };
  return hit.length === 0 ? [{ id: null, ...fact }] : hit.map(({ id }) => ({ id, ...fact }));
}

/** Reads every byte of every pack and of every message and report, and names what does not hold. */
export async function verifyArchive(
  parts: VerifyParts,
  tenant: TenantId,
  report: (progress: Progress) => void,
): Promise<VerifyResult> {
  const result: VerifyResult = { ok: true, checked: 0, packs: 0, bytes: 0, damaged: [] };
  const packs = await parts.catalogue.packs(tenant);
  const total = packs.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { pack, bytes } of packs) {
    const rows = await rowsOf(parts, tenant, await parts.catalogue.messagesInPack(tenant, pack));
    try {
      const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
      for (const damage of await checkPack(parts.blobs, open)) result.damaged.push(...touched(damage, pack, rows));
    } catch (error) {
      if (!isFailure(error)) throw error;
      const place = error.code === "BLOB-MISSING" ? "missing" : "header";
      const ids = rows.length === 0 ? [null] : rows.map(({ id }) => id);
      for (const id of ids) result.damaged.push({ id, pack, place, detail: error.message });
    }
    await verifyRows(parts, tenant, pack, rows, result);
    result.packs += 1;
    result.bytes += bytes;
    report({ done: result.bytes, total, unit: "bytes" });
  }
  result.ok = result.damaged.length === 0;
  return result;
}

/** Reads the pack's messages and reports as a reader would, and compares digests. */
async function verifyRows(
  parts: VerifyParts,
  tenant: TenantId,
  pack: PackId,
  rows: readonly MessageRow[],
  result: VerifyResult,
) {
  const named = new Set(result.damaged.map(({ id }) => id));
  for (const row of rows) {
    try {
      if (row.pack === pack) {
        for await (const piece of parts.retrieval.message(tenant, row)) void piece;
        result.checked += 1;
      }
      for (const { report } of row.receipts)
        if (report?.pack === pack) for await (const piece of parts.retrieval.report(tenant, report)) void piece;
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (!named.has(row.id)) result.damaged.push({ id: row.id, pack, place: "digest", detail: error.message });
      named.add(row.id);
    }
  }
}
