import { createHash } from "node:crypto";
import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, PackEntry } from "#catalogue/index.ts";
import { isFailure, type Log, must, type PackId, type Sha256, type TenantId } from "#core/index.ts";
import { type OpenPackKey, openPack, packBlobName, packOfBlob, readDirectory } from "#pack/index.ts";
import { readBatches } from "./directory.ts";

/** What taking packs into the catalogue needs. */
export interface AdoptParts {
  blobs: BlobStore;
  catalogue: ArchiveCatalogue;
  openKey: OpenPackKey;
  log: Log;
  /** Reads a pack back whole, see {@link provePack}; throws when anything in it does not hold. */
  prove(tenant: TenantId, pack: PackId): Promise<unknown>;
}

/** What was taken in, and which packs could not be. */
export interface Adopted {
  packs: number;
  receipts: number;
  unreadable: { pack: PackId; detail: string }[];
  /** The last pack in the store by name, readable or not; null when there is none. */
  newest: PackId | null;
}

async function packEntry(
  parts: AdoptParts,
  tenant: TenantId,
  pack: PackId,
  createdAt: PackEntry["createdAt"],
): Promise<PackEntry> {
  const blob = packBlobName({ tenant, pack });
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of parts.blobs.get(blob)) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { pack, blob, bytes, sha256: hash.digest("hex") as Sha256, createdAt };
}

/** @param entered packs that are in the catalogue now; kept so */
async function adoptPack(parts: AdoptParts, tenant: TenantId, pack: PackId, entered: Set<PackId>): Promise<number> {
  const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
  const lines = readDirectory(parts.blobs, open, (offset) =>
    parts.log("adopt.directory_damaged", { tenant, pack, offset }),
  );
  const { merged, batches } = await readBatches(lines);
  if (merged === null) {
    const [batch] = batches;
    must(batch !== undefined && batches.length === 1, `pack ${pack} holds one batch`);
    await parts.catalogue.commit(tenant, { ...batch, pack: await packEntry(parts, tenant, pack, batch.archivedAt) });
    entered.add(pack);
    return batch.receipts.length;
  }
  // Where it would take the place of packs that are there it must be as good as they are; where they are gone it is all
  // there is.
  if (merged.replaces.some((replaced) => entered.has(replaced))) await parts.prove(tenant, pack);
  const entry = await packEntry(parts, tenant, pack, merged.mergedAt);
  const added = await parts.catalogue.merge(tenant, { pack: entry, replaces: merged.replaces, batches });
  entered.add(pack);
  for (const replaced of merged.replaces) entered.delete(replaced);
  return added.receipts;
}

/**
 * Takes packs of the store that the catalogue does not know into it, oldest first: those a crash left between store and
 * catalogue, those a restored older catalogue lacks, or all of them when the catalogue is empty. A merged pack comes after
 * those it was made of, whose ids are smaller, and takes the place of what is left of them.
 *
 * May be repeated and interrupted. A pack that cannot be read is reported and left where it is.
 */
export async function adoptPacks(
  parts: AdoptParts,
  tenant: TenantId,
  report: (done: number, total: number) => void,
): Promise<Adopted> {
  const entered = new Set((await parts.catalogue.packs(tenant)).map(({ pack }) => pack));
  const superseded = new Set((await parts.catalogue.superseded(tenant)).map(({ pack }) => pack));
  const missing: PackId[] = [];
  let newest: PackId | null = null;
  for await (const name of parts.blobs.list(`packs/${tenant}/`)) {
    const pack = packOfBlob(name)?.pack;
    if (pack === undefined) continue;
    newest = pack;
    if (!entered.has(pack) && !superseded.has(pack)) missing.push(pack);
  }
  const adopted: Adopted = { packs: 0, receipts: 0, unreadable: [], newest };
  for (const pack of missing) {
    try {
      adopted.receipts += await adoptPack(parts, tenant, pack, entered);
      adopted.packs += 1;
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
      adopted.unreadable.push({ pack, detail: error.message });
      parts.log("adopt.pack_unreadable", { tenant, pack, code: error.code, message: error.message });
    }
    report(adopted.packs + adopted.unreadable.length, missing.length);
  }
  return adopted;
}
