import type { ArchiveCatalogue, PackEntry } from "#catalogue/index.ts";
import { type Entropy, idBetween, isFailure, type PackId, type TenantId, timedIdAfter } from "#core/index.ts";
import { openPack, packBlobName } from "#pack/index.ts";
import { type MergeParts, mergePacks } from "./merge-packs.ts";
import type { Progress } from "./progress.ts";
import { provePack } from "./prove-pack.ts";

/** What sealing packs anew needs. Nobody else may use the archive meanwhile. */
export interface ReencryptParts extends MergeParts {
  catalogue: MergeParts["catalogue"] & Pick<ArchiveCatalogue, "merge" | "packs" | "superseded" | "forgetSuperseded">;
  entropy: Entropy;
  /** Whether a pack's key is wrapped by the tenant's newest key. */
  isNewest(tenant: TenantId, wrapped: Uint8Array): boolean;
}

/** What became of a tenant's packs. */
export interface Reencrypted {
  /** Packs that were sealed anew now, and their bytes. */
  packs: number;
  bytes: number;
  /** Packs that were left under an older key, because something in them does not hold. */
  left: { pack: PackId; detail: string }[];
}

const prefix = "pck_";

/** An id that keeps the pack's place among the others; the last one's may be any later one, since no pack is being made. */
function idFor(parts: ReencryptParts, pack: PackId, next: PackId | undefined): PackId | null {
  const before = pack.slice(prefix.length);
  const id =
    next === undefined
      ? timedIdAfter(before, parts.clock.now(), parts.entropy.bytes(10))
      : idBetween(before, next.slice(prefix.length), parts.entropy.bytes(6));
  return id === null ? null : (`${prefix}${id}` as PackId);
}

async function isUnderNewest(parts: ReencryptParts, tenant: TenantId, pack: PackId): Promise<boolean> {
  let isNewest = false;
  await openPack(parts.blobs, { tenant, pack }, (of, id, wrapped) => {
    isNewest = parts.isNewest(of, wrapped);
    return parts.openKey(of, id, wrapped);
  });
  return isNewest;
}

/**
 * Writes every pack of a tenant anew under a key of its own that the tenant's newest key wraps, proves it by reading it back,
 * enters it, and removes the old one; at the end what was superseded before goes too.
 *
 * May be interrupted at any point and repeated: packs under the newest key are passed over.
 * @param goOn false ends it between two packs
 * @throws what store and catalogue throw; a pack that does not hold is left and told
 */
export async function reencryptTenant(
  parts: ReencryptParts,
  tenant: TenantId,
  report: (progress: Progress) => void,
  goOn: () => boolean,
): Promise<Reencrypted> {
  const packs = await parts.catalogue.packs(tenant);
  const total = packs.reduce((sum, { bytes }) => sum + bytes, 0);
  const result: Reencrypted = { packs: 0, bytes: 0, left: [] };
  let done = 0;
  for (const [index, entry] of packs.entries()) {
    if (!goOn()) return result;
    try {
      if (!(await isUnderNewest(parts, tenant, entry.pack))) {
        await replace(parts, tenant, entry, packs[index + 1]?.pack);
        result.packs += 1;
        result.bytes += entry.bytes;
      }
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
      result.left.push({ pack: entry.pack, detail: error.message });
    }
    done += entry.bytes;
    report({ done, total, unit: "bytes" });
  }
  await removeSuperseded(parts, tenant);
  return result;
}

async function replace(
  parts: ReencryptParts,
  tenant: TenantId,
  entry: PackEntry,
  next: PackId | undefined,
): Promise<void> {
  const pack = idFor(parts, entry.pack, next);
  // Between two ids that differ in the last place there is none: as seldom as two equal ids, and no reason to stop.
  if (pack === null) return;
  try {
    await parts.catalogue.merge(tenant, await mergePacks(parts, { tenant, pack, sources: [entry] }));
  } catch (error) {
    // Not entered, or not known to be: a start that finds it in the store enters it if it proves.
    if (isFailure(error) && error.retry === "never") await parts.blobs.delete(packBlobName({ tenant, pack }));
    throw error;
  }
  await remove(parts, tenant, entry.pack);
}

async function remove(parts: ReencryptParts, tenant: TenantId, pack: PackId): Promise<void> {
  await parts.blobs.delete(packBlobName({ tenant, pack }));
  await parts.catalogue.forgetSuperseded(tenant, pack);
}

/** Packs that were merged before are sealed under older keys: they go too, once what took their place is proved. */
async function removeSuperseded(parts: ReencryptParts, tenant: TenantId): Promise<void> {
  const live = new Set((await parts.catalogue.packs(tenant)).map(({ pack }) => pack));
  const proved = new Set<PackId>();
  for (const { pack, by } of await parts.catalogue.superseded(tenant)) {
    // One whose place another took since is gone, or was proved when that one was written.
    if (live.has(by) && !proved.has(by)) await provePack(parts, tenant, by);
    proved.add(by);
    await remove(parts, tenant, pack);
  }
}
