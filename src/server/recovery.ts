import { Failure, type Instant, type PackId, type TenantId } from "#core/index.ts";
import {
  type KeyAccess,
  type KeyFileContent,
  kitLines,
  readKit,
  withKit,
  withKitTested,
  withPassphrase,
} from "#keyring/index.ts";
import { checkPack, openPack, packOfBlob } from "#pack/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { createRealDisk } from "../disk/real.ts";
import { createFileKeyRing } from "../keyring/file-key-ring.ts";
import { readKeyFile } from "../keyring/key-file.ts";
import type { DataFolder } from "./data-folder.ts";
import { changeKeys, type KeyOptions, withLockedKeys } from "./keys.ts";
import { readNewPassphrase, readPassphrase } from "./passphrase.ts";
import { systemClock, systemEntropy } from "./system.ts";

/** A recovery kit as it is printed, this once. */
export interface PrintedKit {
  kit: string;
  madeAt: Instant;
  lines: string[];
}

/**
 * Makes a recovery kit: a second way to the root key, which is kept nowhere but on paper.
 *
 * @param options.isReplacing makes one also when there is a kit, which is worthless from then on
 * @throws `KIT-EXISTS`, `ARCHIVE-LOCKED`, and what opening and changing the key file throws
 */
export async function makeRecoveryKit(options: KeyOptions & { isReplacing: boolean }): Promise<PrintedKit> {
  const access: KeyAccess = { kind: "passphrase", passphrase: readPassphrase(options.passphraseFile) };
  return withLockedKeys(options.data, async (folder) => {
    let printed: PrintedKit | undefined;
    await changeKeys(folder, access, async (old) => {
      if (old.recovery !== null && !options.isReplacing) throw kitExists(old.recovery.kit);
      const madeAt = systemClock.now();
      const { keys, secret } = withKit(old, systemEntropy, madeAt);
      printed = { kit: keys.recovery?.kit ?? "", madeAt, lines: kitLines(secret) };
      return { keys, proofs: [access, { kind: "kit", secret }] };
    });
    return printed!;
  });
}

function kitExists(kit: string): Failure {
  return new Failure("KIT-EXISTS", "never", `recovery kit ${kit} was made before and still opens the keys`, {
    effect: "nothing was written",
  });
}

/**
 * Opens the keys with a recovery kit and puts them under a new passphrase, or under none when no file is named. The kit
 * stays good.
 *
 * @param options.kit what was typed from the paper
 * @throws `KIT-UNREADABLE`, `KIT-WRONG`, `KIT-MISSING`, `ARCHIVE-LOCKED`, `PASSPHRASE-EMPTY`, and what changing the key
 *   file throws
 */
export async function recoverKeys(options: KeyOptions & { kit: string }): Promise<{ isProtected: boolean }> {
  const access: KeyAccess = { kind: "kit", secret: readKit(options.kit) };
  const passphrase = readNewPassphrase(options.passphraseFile);
  return withLockedKeys(options.data, async (folder) => {
    await changeKeys(folder, access, async (old) => ({
      keys: await withPassphrase(old, passphrase, systemEntropy),
      proofs: [{ kind: "passphrase", passphrase }, access],
    }));
    return { isProtected: passphrase !== null };
  });
}

/** What a test of a kit showed. */
export interface KitTest {
  kit: string;
  testedAt: Instant;
  /** Of each tenant, the newest pack, every byte of which was read; null when there is none. */
  tenants: { tenant: TenantId; pack: PackId | null }[];
}

/**
 * Proves a recovery kit: opens the keys with it alone and reads the newest pack of each tenant. Changes nothing but the
 * note of when the kit was tested.
 *
 * @throws `PACK-DAMAGED` when a pack opens and does not hold, and as {@link recoverKeys}
 */
export async function testRecovery(options: { data: string; kit: string }): Promise<KitTest> {
  const access: KeyAccess = { kind: "kit", secret: readKit(options.kit) };
  return withLockedKeys(options.data, async (folder) => {
    const { keys } = await readKeyFile(createRealDisk(), folder.keyFile, access);
    const tenants = await readNewestPacks(folder, keys);
    const testedAt = systemClock.now();
    const { recovery } = await changeKeys(folder, access, async (old) => ({
      keys: withKitTested(old, testedAt),
      proofs: [access],
    }));
    return { kit: recovery?.kit ?? "", testedAt, tenants };
  });
}

async function readNewestPacks(folder: DataFolder, keys: KeyFileContent): Promise<KitTest["tenants"]> {
  const disk = createRealDisk();
  const keyRing = createFileKeyRing(disk, folder.keyFile, keys, systemEntropy, systemClock);
  const blobs = createFolderBlobStore(disk, folder.blobs);
  const read: KitTest["tenants"] = [];
  for (const tenant of keyRing.tenants()) {
    let newest: PackId | null = null;
    // Ids of packs sort by their time, so the greatest one is the newest.
    for await (const name of blobs.list(`packs/${tenant}/`)) {
      const pack = packOfBlob(name)?.pack;
      if (pack !== undefined && (newest === null || pack > newest)) newest = pack;
    }
    if (newest !== null) {
      const open = await openPack(blobs, { tenant, pack: newest }, (...place) => keyRing.openPackKey(...place));
      const [damage] = await checkPack(blobs, open, null);
      if (damage !== undefined) throw packDoesNotHold(newest, damage.detail);
    }
    read.push({ tenant, pack: newest });
  }
  return read;
}

function packDoesNotHold(pack: PackId, detail: string): Failure {
  return new Failure("PACK-DAMAGED", "never", `the kit opens the keys, and pack ${pack} does not hold: ${detail}`, {
    publicText: "a pack does not hold",
    effect: "the kit was not marked as tested; restore the pack from a backup",
  });
}
