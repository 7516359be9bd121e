import { resolve } from "node:path";
import { adoptPacks, provePack, type Reencrypted, reencryptTenant } from "#archive/index.ts";
import { Failure, type PackId, type TenantId } from "#core/index.ts";
import { dataFolder } from "./data-folder.ts";
import { lockFolder } from "./lock.ts";
import { readPassphrase } from "./passphrase.ts";
import { assertArchive, openStorage } from "./storage.ts";
import { systemClock, systemEntropy } from "./system.ts";

/** What {@link reencryptArchive} did, by tenant. `isComplete` is false when it was ended early. */
export interface ReencryptedArchive {
  tenants: ({ tenant: TenantId } & Reencrypted)[];
  isComplete: boolean;
}

/**
 * Seals every pack anew that is not under the newest epoch of its tenant's key. May be interrupted and repeated.
 *
 * @param options.tenant only this one
 * @throws `ARCHIVE-LOCKED` while a server runs, `ARCHIVE-MISSING`, `PASSPHRASE-WRONG`, `TENANT-UNKNOWN`, and what disk and
 *   catalogue throw
 */
export async function reencryptArchive(options: {
  data: string;
  passphraseFile?: string;
  tenant?: string;
  signal: AbortSignal;
  report: (progress: { done: number; total: number; unit: string }) => void;
}): Promise<ReencryptedArchive> {
  const folder = dataFolder(resolve(options.data));
  await assertArchive(folder);
  const lock = lockFolder(folder, systemClock.now());
  try {
    const storage = await openStorage(folder, readPassphrase(options.passphraseFile), () => undefined);
    try {
      const { catalogue, keyRing, blobs, openKey } = storage;
      const all = keyRing.tenants();
      const chosen = options.tenant === undefined ? all : all.filter((tenant) => tenant === options.tenant);
      if (chosen.length === 0)
        throw new Failure("TENANT-UNKNOWN", "never", `there is no tenant ${options.tenant} in the key file`, {
          effect: "nothing was written",
        });
      const { partKey, createPackKey, isNewest } = keyRing;
      const system = { clock: systemClock, entropy: systemEntropy };
      const parts = { ...system, blobs, catalogue, openKey, partKey, createPackKey, isNewest };
      const prove = (tenant: TenantId, pack: PackId) => provePack(parts, tenant, pack);
      const done: ReencryptedArchive = { tenants: [], isComplete: true };
      for (const tenant of chosen) {
        // What a run before this one wrote and did not enter.
        await adoptPacks({ ...parts, log: () => undefined, prove }, tenant, () => undefined);
        const goOn = () => !options.signal.aborted;
        done.tenants.push({ tenant, ...(await reencryptTenant(parts, tenant, options.report, goOn)) });
      }
      done.isComplete = !options.signal.aborted;
      return done;
    } finally {
      await storage.close();
    }
  } finally {
    lock.release();
  }
}
