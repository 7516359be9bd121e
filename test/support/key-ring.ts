import type { Clock, Entropy } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import type { KeyRing } from "#keyring/index.ts";
import { createFileKeyRing } from "../../src/keyring/file-key-ring.ts";
import { readKeyFile } from "../../src/keyring/key-file.ts";

/** The key ring over an unprotected key file. */
export async function openTestKeyRing(disk: Disk, path: string, entropy: Entropy, clock: Clock): Promise<KeyRing> {
  const { keys } = await readKeyFile(disk, path, { kind: "passphrase", passphrase: null });
  return createFileKeyRing(disk, path, keys, entropy, clock);
}
