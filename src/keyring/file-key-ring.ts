import { createHmac, hkdfSync } from "node:crypto";
import { type Clock, type Entropy, Failure, type PackId, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { tenantKeyMissing, withEpoch, withTenant } from "./key-changes.ts";
import { changeKeyFile } from "./key-file.ts";
import type { KeyAccess, KeyFileContent, TenantEpoch } from "./key-file-content.ts";
import type { KeyRing } from "./key-ring.ts";
import { secretBytes } from "./sealed-secret.ts";
import { openText, sealText } from "./sealed-text.ts";
import { epochOfWrapped, unwrapPackKey, wrapPackKey } from "./wrapped-pack-key.ts";

/**
 * The key ring over an opened key file, see docs/formats/keys.md. Adding and rotating want the folder's lock.
 *
 * @param opened what the file holds, as `readKeyFile` gives it
 */
export function createFileKeyRing(
  disk: Disk,
  path: string,
  opened: KeyFileContent,
  entropy: Entropy,
  clock: Clock,
): KeyRing {
  let keys = opened;
  let writing: Promise<unknown> = Promise.resolve();

  function epochsOf(tenant: TenantId): readonly TenantEpoch[] {
    const epochs = keys.tenants.get(tenant);
    if (epochs === undefined) throw tenantKeyMissing(tenant);
    return epochs;
  }

  /** One change at a time: two at once would each rewrite the file from the same old one. */
  function change(make: (keys: KeyFileContent) => KeyFileContent): Promise<KeyFileContent> {
    const changed = writing.then(async () => {
      if (make(keys) === keys) return keys;
      const root: KeyAccess = { kind: "root", root: keys.root.key };
      keys = await changeKeyFile(disk, path, root, entropy, async (found) => ({ keys: make(found), proofs: [] }));
      return keys;
    });
    writing = changed.catch(() => undefined);
    return changed;
  }

  return {
    tenants: () => [...keys.tenants.keys()].sort(),
    addTenant: async (tenant) => {
      await change((old) => withTenant(old, tenant, entropy, clock.now()));
    },
    rotate: async (tenant) =>
      (await change((old) => withEpoch(old, tenant, entropy, clock.now()))).tenants.get(tenant)!.length,
    createPackKey: async (tenant, pack) => {
      const { key: tenantKey, epoch } = epochsOf(tenant).at(-1)!;
      const key = entropy.bytes(secretBytes);
      return { key, wrapped: wrapPackKey(entropy, tenantKey, { tenant, pack, epoch }, key) };
    },
    openPackKey: async (tenant, pack, wrapped) => {
      const epoch = epochOfWrapped(wrapped);
      const tenantKey = epochsOf(tenant)[epoch - 1]?.key;
      if (tenantKey === undefined) throw epochMissing(tenant, pack, epoch);
      const key = unwrapPackKey(tenantKey, { tenant, pack, epoch }, wrapped);
      if (key === undefined) throw packForeign(tenant, pack);
      return key;
    },
    // Of the first epoch for ever: a part stored before a rotation must have the same name after it.
    partKey: async (tenant) => Buffer.from(hkdfSync("sha256", epochsOf(tenant)[0]!.key, "", "muniment.part", 32)),
    // Of the first epoch too: it never leaves the file, so a rotation has nothing to seal anew.
    sealText: async (tenant, purpose, text) => sealText(entropy, epochsOf(tenant)[0]!.key, { tenant, purpose }, text),
    openText: async (tenant, purpose, sealed) => openText(epochsOf(tenant)[0]!.key, { tenant, purpose }, sealed),
    spoolKey: async (salt) => Buffer.from(hkdfSync("sha256", keys.spool, salt, "muniment.spool", 32)),
    fingerprint: (purpose, text) =>
      createHmac("sha256", keys.fingerprints).update(`muniment.fingerprint\0${purpose}\0`).update(text).digest("hex"),
  };
}

function epochMissing(tenant: TenantId, pack: PackId, epoch: number): Failure {
  const message = `pack ${pack} needs epoch ${epoch} of the key of tenant ${tenant}, which the key file does not hold`;
  return new Failure("KEY-MISSING", "never", message, {
    publicText: "the key file is older than this pack",
    effect: "nothing was written; the pack is sealed until the newest copy of the key file is back",
  });
}

function packForeign(tenant: TenantId, pack: PackId): Failure {
  return new Failure("KEY-WRONG", "never", `the key of tenant ${tenant} does not open pack ${pack}`, {
    publicText: "this pack belongs to another installation",
    effect: "nothing was written",
  });
}
