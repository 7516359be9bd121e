import { resolve } from "node:path";
import { Failure, type TenantId } from "#core/index.ts";
import {
  type KeyAccess,
  type KeyFacts,
  type KeyFileContent,
  readKeyFacts,
  withEpoch,
  withNewRoot,
  withPassphrase,
} from "#keyring/index.ts";
import { createRealDisk } from "../disk/real.ts";
import { changeKeyFile, type KeyChange, readKeyFileBytes } from "../keyring/key-file.ts";
import { type DataFolder, dataFolder } from "./data-folder.ts";
import { lockFolder } from "./lock.ts";
import { readNewPassphrase, readPassphrase } from "./passphrase.ts";
import { assertArchive } from "./storage.ts";
import { systemClock, systemEntropy } from "./system.ts";

/** Which archive, and the file with the passphrase its keys have now. */
export interface KeyOptions {
  data: string;
  passphraseFile?: string;
}

/** What the key file tells without its passphrase. Reads only; fine beside a running server. @throws as {@link assertArchive} */
export async function listKeys({ data }: Pick<KeyOptions, "data">): Promise<KeyFacts & { file: string }> {
  const folder = dataFolder(resolve(data));
  await assertArchive(folder);
  return { file: folder.keyFile, ...readKeyFacts(await readKeyFileBytes(createRealDisk(), folder.keyFile)) };
}

/**
 * Runs `work` on an archive that no other process has open.
 *
 * @throws `ARCHIVE-MISSING`, `KEY-FILE-MISSING`, `ARCHIVE-LOCKED`
 */
export async function withLockedKeys<T>(data: string, work: (folder: DataFolder) => Promise<T>): Promise<T> {
  const folder = dataFolder(resolve(data));
  await assertArchive(folder);
  const lock = lockFolder(folder, systemClock.now());
  try {
    return await work(folder);
  } finally {
    lock.release();
  }
}

/** Changes the key file of a locked folder. @throws as {@link changeKeyFile} */
export function changeKeys(
  folder: DataFolder,
  access: KeyAccess,
  change: (keys: KeyFileContent) => Promise<KeyChange>,
): Promise<KeyFileContent> {
  return changeKeyFile(createRealDisk(), folder.keyFile, access, systemEntropy, change);
}

/**
 * Begins a new epoch of the key of one tenant, or of every one, for the packs written from now on.
 *
 * @throws `ARCHIVE-LOCKED` while a server runs, `TENANT-UNKNOWN`, and what opening and changing the key file throws
 */
export async function rotateTenantKeys(
  options: KeyOptions & { tenant?: string },
): Promise<{ tenant: TenantId; epoch: number }[]> {
  const access: KeyAccess = { kind: "passphrase", passphrase: readPassphrase(options.passphraseFile) };
  return withLockedKeys(options.data, async (folder) => {
    let turned: TenantId[] = [];
    const keys = await changeKeys(folder, access, async (old) => {
      const all = [...old.tenants.keys()].sort();
      turned = options.tenant === undefined ? all : all.filter((tenant) => tenant === options.tenant);
      if (turned.length === 0) throw tenantUnknown(options.tenant ?? "any name");
      const next = turned.reduce((keys, tenant) => withEpoch(keys, tenant, systemEntropy, systemClock.now()), old);
      return { keys: next, proofs: [access] };
    });
    return turned.map((tenant) => ({ tenant, epoch: keys.tenants.get(tenant)?.length ?? 0 }));
  });
}

function tenantUnknown(tenant: string): Failure {
  return new Failure("TENANT-UNKNOWN", "never", `there is no tenant ${tenant} in the key file`, {
    effect: "nothing was written",
  });
}

/**
 * Puts a new root key in the old one's place, under the same passphrase and for the same recovery kit.
 *
 * @returns the root key's epoch, and the kit that is to be tested anew
 * @throws as {@link rotateTenantKeys}
 */
export async function rotateRootKey(options: KeyOptions): Promise<{ epoch: number; kit: string | null }> {
  const passphrase = readPassphrase(options.passphraseFile);
  const access: KeyAccess = { kind: "passphrase", passphrase };
  return withLockedKeys(options.data, async (folder) => {
    const { root, recovery } = await changeKeys(folder, access, async (old) => ({
      // An unprotected file stays so, also where a passphrase is at hand.
      keys: await withNewRoot(
        old,
        old.protection.kind === "none" ? null : passphrase,
        systemEntropy,
        systemClock.now(),
      ),
      proofs: [access],
    }));
    return { epoch: root.epoch, kit: recovery?.kit ?? null };
  });
}

/**
 * Puts the root key under another passphrase, or under none.
 *
 * @param options.newPassphraseFile null takes the protection away
 * @returns whether there was a passphrase before, and is one now
 * @throws `PASSPHRASE-EMPTY`, `PASSPHRASE-UNREADABLE`, and as {@link rotateTenantKeys}
 */
export async function changePassphrase(
  options: KeyOptions & { newPassphraseFile: string | null },
): Promise<{ wasProtected: boolean; isProtected: boolean }> {
  const access: KeyAccess = { kind: "passphrase", passphrase: readPassphrase(options.passphraseFile) };
  const passphrase = readNewPassphrase(options.newPassphraseFile ?? undefined);
  return withLockedKeys(options.data, async (folder) => {
    let wasProtected = false;
    await changeKeys(folder, access, async (old) => {
      wasProtected = old.protection.kind === "passphrase";
      return {
        keys: await withPassphrase(old, passphrase, systemEntropy),
        proofs: [{ kind: "passphrase", passphrase }],
      };
    });
    return { wasProtected, isProtected: passphrase !== null };
  });
}
