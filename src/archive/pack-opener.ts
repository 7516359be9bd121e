import type { BlobStore } from "#blob/index.ts";
import { Failure, type PackId, type TenantId } from "#core/index.ts";
import { type OpenPack, type OpenPackKey, openPack } from "#pack/index.ts";

/** Packs whose keys are kept at hand. */
const openPacksMax = 512;

/** Opens packs, the last ones kept open; throws as `openPack` does, and `BLOB-MISSING` for another tenant's pack. */
export type PackOpener = (tenant: TenantId, pack: PackId) => Promise<OpenPack>;

/** A {@link PackOpener} over a store, with the key ring's way to open keys. */
export function createPackOpener(blobs: BlobStore, openKey: OpenPackKey): PackOpener {
  const packs = new Map<PackId, Promise<OpenPack>>();
  return (tenant, pack) => {
    const known = packs.get(pack);
    packs.delete(pack);
    const open = known ?? openPack(blobs, { tenant, pack }, openKey);
    packs.set(pack, open);
    // A failed opening is not remembered: the pack may be restored a moment later.
    open.catch(() => packs.delete(pack));
    if (packs.size > openPacksMax) packs.delete(packs.keys().next().value as PackId);
    return open.then((found) => {
      if (found.tenant !== tenant) throw new Failure("BLOB-MISSING", "never", `tenant ${tenant} has no pack ${pack}`);
      return found;
    });
  };
}
