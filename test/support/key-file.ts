import type { Entropy, Instant, TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { withEpoch, withKit, withTenant } from "../../src/keyring/key-changes.ts";
import { changeKeyFile, createKeyFile } from "../../src/keyring/key-file.ts";
import type { KeyFileContent } from "../../src/keyring/key-file-content.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";

/** A time for tests that do not care. */
export const someTime = 1_767_225_600_000 as Instant;

export const acme = "acme" as TenantId;
export const other = "other" as TenantId;

/** A key file in memory with two tenants, three epochs of one of them, and a recovery kit. */
export async function memoryKeyFile(
  passphrase: string | null,
  seed: number,
): Promise<{ disk: Disk; path: string; keys: KeyFileContent; kit: Buffer; entropy: Entropy }> {
  const disk = createMemoryDisk();
  const path = "/keys/keyring.json";
  const entropy = createSimEntropy(seed);
  await createKeyFile(disk, path, passphrase, entropy, someTime);
  let kit: Buffer = Buffer.alloc(0);
  const access = { kind: "passphrase", passphrase } as const;
  const keys = await changeKeyFile(disk, path, access, entropy, async (fresh) => {
    let next = withTenant(withTenant(fresh, acme, entropy, someTime), other, entropy, someTime);
    next = withEpoch(withEpoch(next, acme, entropy, someTime), acme, entropy, someTime);
    const made = withKit(next, entropy, someTime);
    kit = made.secret;
    return { keys: made.keys, proofs: [access, { kind: "kit", secret: made.secret }] };
  });
  return { disk, path, keys, kit, entropy };
}
