import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow, PackEntry } from "#catalogue/index.ts";
import { type Failure, isFailure, type MessageId, type PackId, type TenantId } from "#core/index.ts";
import {
  checkPack,
  decodeStoredAt,
  isPackAsWritten,
  type OpenPackKey,
  openPack,
  type PackDamage,
  packBlobName,
} from "#pack/index.ts";
import type { Damage } from "./use-cases.ts";

/** What looking at a stored pack needs. */
export interface ExamineParts {
  blobs: BlobStore;
  catalogue: Pick<ArchiveCatalogue, "messages" | "messagesInPack">;
  openKey: OpenPackKey;
}

/** Messages looked up at once. */
const pageMax = 200;

async function rowsOf(parts: ExamineParts, tenant: TenantId, ids: readonly MessageId[]): Promise<MessageRow[]> {
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

/** What stands in the way of reading a pack at all. */
function placeOf(failure: Failure): string {
  if (failure.code === "BLOB-MISSING") return "missing";
  return failure.code.startsWith("DISK-") ? "unreadable" : "header";
}

/** The messages whose bytes or whose reports' bytes lie in this pack, with their receipts. */
export async function rowsInPack(parts: ExamineParts, tenant: TenantId, pack: PackId): Promise<MessageRow[]> {
  return rowsOf(parts, tenant, await parts.catalogue.messagesInPack(tenant, pack));
}

/** Opens every frame of the pack and names each message that a damaged place touches. */
export async function damageOf(
  parts: ExamineParts,
  tenant: TenantId,
  { pack, sha256 }: PackEntry,
  rows: readonly MessageRow[],
): Promise<Damage[]> {
  try {
    const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
    return (await checkPack(parts.blobs, open, sha256)).flatMap((damage) => touched(damage, pack, rows));
  } catch (error) {
    if (!isFailure(error)) throw error;
    const ids = rows.length === 0 ? [null] : rows.map(({ id }) => id);
    return ids.map((id) => ({ id, pack, place: placeOf(error), detail: error.message }));
  }
}

/**
 * Reads every byte of the pack once and compares digests; only where they differ is it opened, to name what is damaged.
 * Empty when the pack is as it was written.
 *
 * @throws what the catalogue throws
 */
export async function examinePack(parts: ExamineParts, tenant: TenantId, entry: PackEntry): Promise<Damage[]> {
  try {
    const name = packBlobName({ tenant, pack: entry.pack });
    if (await isPackAsWritten(parts.blobs, name, entry.sha256)) return [];
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
  return damageOf(parts, tenant, entry, await rowsInPack(parts, tenant, entry.pack));
}
