import { resolve } from "node:path";
import { createAccess, createPassphrases } from "#access/index.ts";
import { Failure, isTenantId, type TenantId } from "#core/index.ts";
import { createRealDisk } from "../disk/real.ts";
import { createKeyFile } from "../keyring/key-file.ts";
import { type DataFolder, dataFolder } from "./data-folder.ts";
import { lockFolder } from "./lock.ts";
import { readNewPassphrase, readPassphrase } from "./passphrase.ts";
import { assertNoOrphans, openStorage, type Storage } from "./storage.ts";
import { systemClock, systemEntropy } from "./system.ts";

/** The tenant a fresh archive has. */
const firstTenant = "main" as TenantId;

/** The address a claim link is opened at. */
export function claimUrl(http: string, secret: string): string {
  return `http://${http}/claim#${secret}`;
}

/** A fresh claim link while nobody has claimed the archive; null afterwards. */
export async function freshClaim(
  storage: Pick<Storage, "catalogue" | "keyRing">,
  tenant: TenantId,
): Promise<string | null> {
  const access = createAccess({
    catalogue: storage.catalogue,
    keyring: storage.keyRing,
    clock: systemClock,
    entropy: systemEntropy,
    passphrases: createPassphrases(systemEntropy),
  });
  return (await access.isClaimed(tenant)) ? null : (await access.createClaim(tenant)).secret;
}

/** What to make an archive with. */
export interface InitOptions {
  data: string;
  tenant?: string;
  organisation?: string;
  /** `host:port` the claim link is for. */
  http: string;
  passphraseFile?: string;
}

async function makeKeys(folder: DataFolder, passphraseFile: string | undefined): Promise<boolean> {
  const disk = createRealDisk();
  if ((await disk.size(folder.keyFile)) !== undefined) return false;
  await createKeyFile(disk, folder.keyFile, readNewPassphrase(passphraseFile), systemEntropy, systemClock.now());
  return true;
}

/**
 * Makes an archive, or leaves an existing one as it is, and gives a claim link while it is unclaimed.
 *
 * May be repeated, also after it was interrupted: what is missing is added, nothing is replaced.
 * @throws `ARCHIVE-LOCKED`, `TENANT-NAME`, `PASSPHRASE-WRONG`, `PASSPHRASE-UNREADABLE`, `KEY-FILE-MISSING`
 */
export async function initArchive(
  options: InitOptions,
): Promise<{ created: boolean; claimUrl: string | null; isKeyProtected: boolean }> {
  const tenant = options.tenant ?? firstTenant;
  if (!isTenantId(tenant))
    throw new Failure(
      "TENANT-NAME",
      "never",
      `${tenant} cannot name a tenant: use lower-case letters, digits and hyphens, at most 63`,
    );
  const folder = dataFolder(resolve(options.data));
  const passphrase = readPassphrase(options.passphraseFile);
  await assertNoOrphans(folder);
  const lock = lockFolder(folder, systemClock.now());
  try {
    const created = await makeKeys(folder, options.passphraseFile);
    const storage = await openStorage(folder, passphrase, () => undefined);
    try {
      if (storage.keyRing.tenants().length === 0) await storage.keyRing.addTenant(tenant);
      if ((await storage.catalogue.tenants()).length === 0)
        await storage.catalogue.addTenant({
          id: tenant,
          name: options.organisation ?? tenant,
          createdAt: systemClock.now(),
        });
      const [first] = await storage.catalogue.tenants();
      const secret = await freshClaim(storage, first?.id ?? tenant);
      return {
        created,
        claimUrl: secret === null ? null : claimUrl(options.http, secret),
        isKeyProtected: passphrase !== null,
      };
    } finally {
      await storage.close();
    }
  } finally {
    lock.release();
  }
}
