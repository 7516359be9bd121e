import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow, PartEntry } from "#catalogue/index.ts";
import { isFailure, type MessageId, type PackId, type PartName, type TenantId } from "#core/index.ts";
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

/** Names of the parts that the message, or a report around it, is made of. */
function partsOf(row: MessageRow): Set<string> {
  const places = [row.storedAt, ...row.receipts.flatMap(({ report }) => report?.storedAt ?? [])];
  const pieces = places.flatMap((place) => decodeStoredAt(place));
  return new Set(pieces.flatMap((piece) => (piece.kind === "part" ? piece.name : [])));
}

/** Which messages of the whole archive are made of which of these parts. Looks through every entry. */
async function usersOf(
  parts: VerifyParts,
  tenant: TenantId,
  wanted: readonly PartEntry[],
): Promise<Map<PartName, MessageId[]>> {
  const users = new Map<PartName, MessageId[]>(wanted.map(({ name }) => [name, []]));
  if (users.size === 0) return users;
  let after: MessageId | null = null;
  for (;;) {
    const rows: MessageRow[] = await parts.catalogue.messagesAfter(tenant, after, pageMax);
    for (const row of rows) for (const name of partsOf(row)) users.get(name as PartName)?.push(row.id);
    const last = rows.at(-1);
    if (last === undefined) return users;
    after = last.id;
  }
}

/** What a pack holds that damage to it can touch. */
interface PackContents {
  /** Messages that lie in it, or whose reports do. */
  rows: readonly MessageRow[];
  parts: readonly PartEntry[];
  users: ReadonlyMap<PartName, readonly MessageId[]>;
}

/** Names every message a damaged place touches: those in the frame, or all of the pack where the place concerns all. */
function touched(damage: PackDamage, pack: PackId, contents: PackContents): (MessageId | null)[] {
  const isHit = (offsets: ReadonlySet<number>) => damage.place !== "frame" || offsets.has(damage.offset);
  const ids = new Set(contents.rows.filter((row) => isHit(framesOf(row, pack))).map(({ id }) => id));
  for (const { name, storedAt } of contents.parts) {
    const offsets = decodeStoredAt(storedAt).flatMap((piece) => (piece.kind === "frame" ? piece.offset : []));
    if (isHit(new Set(offsets))) for (const id of contents.users.get(name) ?? []) ids.add(id);
  }
  return ids.size === 0 ? [null] : [...ids];
}

/** What is wrong with a pack as a whole and with its frames. */
async function damageOf(
  parts: VerifyParts,
  tenant: TenantId,
  pack: PackId,
): Promise<{ damage: PackDamage; place: Damage["place"] }[]> {
  try {
    const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
    return (await checkPack(parts.blobs, open)).map((damage) => ({ damage, place: damage.place }));
  } catch (error) {
    if (!isFailure(error)) throw error;
    const place = error.code === "BLOB-MISSING" ? "missing" : "header";
    return [{ damage: { place: "header", detail: error.message }, place }];
  }
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
    const found = await damageOf(parts, tenant, pack);
    const own = found.length === 0 ? [] : await parts.catalogue.partsInPack(tenant, pack);
    const contents = { rows, parts: own, users: await usersOf(parts, tenant, own) };
    for (const { damage, place } of found)
      for (const id of touched(damage, pack, contents)) result.damaged.push({ id, pack, place, detail: damage.detail });
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
