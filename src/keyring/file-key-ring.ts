import { createHmac, hkdfSync } from "node:crypto";
import { type Entropy, Failure, type PackId, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { addTenantKey, readKeyFile, sealSecret, unsealSecret } from "./key-file.ts";
import type { KeyRing } from "./key-ring.ts";

const packContext = (tenant: TenantId, pack: PackId): string => `muniment.keys.pack\0${tenant}\0${pack}`;

/**
 * The key ring over a key file, see docs/formats/keys.md.
 *
 * @param passphrase null when the file is not protected
 * @throws `KEY-WRONG`, `KEY-DAMAGED`, `KEY-VERSION`, `DISK-MISSING`
 */
export async function openKeyFile(
  disk: Disk,
  path: string,
  passphrase: string | null,
  entropy: Entropy,
): Promise<KeyRing> {
  const secrets = await readKeyFile(disk, path, passphrase);
  let writing: Promise<void> = Promise.resolve();

  function tenantKey(tenant: TenantId): Buffer {
    const key = secrets.tenants.get(tenant);
    if (key === undefined) throw new Failure("KEY-MISSING", "never", `there is no key for tenant ${tenant}`);
    return key;
  }

  async function addTenant(tenant: TenantId): Promise<void> {
    if (secrets.tenants.has(tenant)) return;
    const key = entropy.bytes(32);
    await addTenantKey(disk, path, secrets.root, tenant, key, entropy);
    secrets.tenants.set(tenant, key);
  }

  return {
    tenants: () => [...secrets.tenants.keys()].sort(),
    addTenant: (tenant) => {
      // One writer at a time: two additions at once would each rewrite the file from the same old text.
      const added = writing.then(() => addTenant(tenant));
      writing = added.catch(() => undefined);
      return added;
    },
    createPackKey: async (tenant, pack) => {
      const key = entropy.bytes(32);
      return { key, wrapped: sealSecret(entropy, tenantKey(tenant), packContext(tenant, pack), key) };
    },
    openPackKey: async (tenant, pack, wrapped) => {
      const key = unsealSecret(tenantKey(tenant), packContext(tenant, pack), wrapped);
      if (key === undefined)
        throw new Failure("KEY-WRONG", "never", `the key of tenant ${tenant} does not open pack ${pack}`, {
          publicText: "this pack belongs to another tenant or another installation",
          effect: "nothing was written",
        });
      return key;
    },
    partKey: async (tenant) => Buffer.from(hkdfSync("sha256", tenantKey(tenant), "", "muniment.part", 32)),
    spoolKey: async (salt) => Buffer.from(hkdfSync("sha256", secrets.spool, salt, "muniment.spool", 32)),
    fingerprint: (purpose, text) =>
      createHmac("sha256", secrets.root).update(`muniment.fingerprint\0${purpose}\0`).update(text).digest("hex"),
  };
}
