import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow, PackEntry } from "#catalogue/index.ts";
import { type Entropy, isFailure, type PackId, type TenantId } from "#core/index.ts";
import { type OpenPackKey, packBlobName, packOfBlob } from "#pack/index.ts";
import { damageOf, damageOfWhole, isOfBytes, rowsInPack } from "./examine-pack.ts";
import type { Progress } from "./progress.ts";
import type { Retrieval } from "./retrieve.ts";
import type { Damage, VerifyResult, VerifyScope } from "./use-cases.ts";

/** What a verification reads from. */
export interface VerifyParts {
  blobs: BlobStore;
  catalogue: ArchiveCatalogue;
  retrieval: Retrieval;
  openKey: OpenPackKey;
  entropy: Entropy;
  /**
   * Resolves once every pack that is in the store now is in the catalogue, or will not be entered by the loop. Returns the one
   * pack of which that is not yet known, because its batch failed and is tried again.
   */
  settled(): Promise<PackId | null>;
  /** The pack that is being merged, if one is: it may lie in the store meanwhile. */
  merging?(): PackId | null;
  /** Told of each pack that was read, with what is damaged in it. */
  examined(tenant: TenantId, pack: PackId, damage: readonly Damage[]): void;
}

/** Packs of the store that the catalogue does not know. The store is listed first, so that a new pack is not among them. */
async function unknownPacks(parts: VerifyParts, tenant: TenantId) {
  const stored: PackId[] = [];
  for await (const name of parts.blobs.list(`packs/${tenant}/`)) {
    const pack = packOfBlob(name)?.pack;
    if (pack !== undefined) stored.push(pack);
  }
  const unsettled = await parts.settled();
  const packs = await parts.catalogue.packs(tenant);
  const superseded = await parts.catalogue.superseded(tenant);
  const known = new Set([...packs, ...superseded].map(({ pack }) => pack));
  const unknown: VerifyResult["unknown"] = [];
  for (const pack of stored)
    if (!known.has(pack) && pack !== unsettled && pack !== parts.merging?.()) {
      const bytes = (await parts.blobs.stat(packBlobName({ tenant, pack })))?.bytes;
      if (bytes !== undefined) unknown.push({ pack, bytes });
    }
  return { packs, unknown };
}

const bytesOf = (packs: readonly PackEntry[]): number => packs.reduce((sum, { bytes }) => sum + bytes, 0);

/**
 * The packs to read, in order: those made since, and of them as many, drawn by lot, as make up the share of their bytes. The
 * order matters: parts lie in no later pack than what is made of them, so their damage is known first.
 */
function chosen(packs: readonly PackEntry[], { sample, since }: VerifyScope, entropy: Entropy): PackEntry[] {
  const candidates = packs.filter(({ createdAt }) => since === null || createdAt >= since);
  if (sample === null) return candidates;
  const lots = candidates.map((entry) => ({ entry, lot: entropy.bytes(6).readUIntBE(0, 6) }));
  lots.sort((a, b) => a.lot - b.lot);
  const wantedBytes = bytesOf(candidates) * sample;
  const drawn = new Set<PackEntry>();
  let drawnBytes = 0;
  for (const { entry } of lots) {
    if (drawnBytes >= wantedBytes) break;
    drawn.add(entry);
    drawnBytes += entry.bytes;
  }
  return candidates.filter((entry) => drawn.has(entry));
}

/** What a look at a pack's length says: all that is done for packs that are not read. */
async function lengthDamage(parts: VerifyParts, tenant: TenantId, { pack, bytes }: PackEntry): Promise<Damage[]> {
  const found = (await parts.blobs.stat(packBlobName({ tenant, pack })))?.bytes;
  if (found === bytes) return [];
  const [place, detail] =
    found === undefined ? ["missing", `there is no pack ${pack}`] : ["length", `${found} bytes instead of ${bytes}`];
  return damageOfWhole(parts, tenant, pack, place, detail);
}

/**
 * Reads every byte of the packs in the scope, and of every message and report in them, and names what does not hold. Packs
 * outside the scope are looked for and measured. Says what share was read, and which packs the catalogue does not know.
 *
 * @throws what the catalogue throws: then nothing is said of the archive, and the call may be repeated
 */
export async function verifyArchive(
  parts: VerifyParts,
  tenant: TenantId,
  scope: VerifyScope,
  report: (progress: Progress) => void,
): Promise<VerifyResult> {
  const { packs, unknown } = await unknownPacks(parts, tenant);
  const read = chosen(packs, scope, parts.entropy);
  const total = bytesOf(read);
  const of = { packs: packs.length, bytes: bytesOf(packs) };
  const result: VerifyResult = { ok: true, checked: 0, packs: 0, bytes: 0, of, damaged: [], unknown };
  const isRead = new Set(read);
  for (const entry of packs) if (!isRead.has(entry)) result.damaged.push(...(await lengthDamage(parts, tenant, entry)));
  const named = new Set(result.damaged.map(({ id }) => id));
  for (const entry of read) {
    const rows = await rowsInPack(parts, tenant, entry.pack);
    const damaged = await damageOf(parts, tenant, entry, rows);
    for (const { id } of damaged) named.add(id);
    result.checked += await verifyRows(parts, tenant, entry.pack, rows, named, damaged);
    parts.examined(tenant, entry.pack, damaged);
    result.damaged.push(...damaged);
    result.packs += 1;
    result.bytes += entry.bytes;
    report({ done: result.bytes, total, unit: "bytes" });
  }
  result.ok = result.damaged.length === 0;
  return result;
}

/**
 * Reads the pack's messages and reports as a reader would, and adds what does not hold and was not named before, whatever pack
 * it was named for. Returns how many messages held.
 */
async function verifyRows(
  parts: VerifyParts,
  tenant: TenantId,
  pack: PackId,
  rows: readonly MessageRow[],
  named: Set<Damage["id"]>,
  damaged: Damage[],
): Promise<number> {
  let checked = 0;
  for (const row of rows) {
    try {
      if (row.pack === pack) {
        for await (const piece of parts.retrieval.message(tenant, row)) void piece;
        checked += 1;
      }
      for (const { report } of row.receipts)
        if (report?.pack === pack) for await (const piece of parts.retrieval.report(tenant, report)) void piece;
    } catch (error) {
      if (!isFailure(error) || !isOfBytes(error)) throw error;
      if (!named.has(row.id)) damaged.push({ id: row.id, pack, place: "digest", detail: error.message });
      named.add(row.id);
    }
  }
  return checked;
}
