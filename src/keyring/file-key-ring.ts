import { createHmac, hkdfSync } from "node:crypto";
import { type Clock, type Entropy, Failure, type PackId, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { tenantKeyMissing, withEpoch, withTenant } from "./key-changes.ts";
import { changeKeyFile } from "./key-file.ts";
import type { KeyAccess, KeyFileContent, TenantEpoch } from "./key-file-content.ts";
import type { KeyRing } from "./key-ring.ts";
import { nonceBytes, seal, unseal } from "./seal.ts";
import { secretBytes } from "./sealed-secret.ts";
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

  /** Of the first epoch for ever, as for parts: a secret sealed before a rotation opens after it. */
  const secretKey = (tenant: TenantId) =>
    Buffer.from(hkdfSync("sha256", epochsOf(tenant)[0]!.key, "", "muniment.secret", secretBytes));

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
    isNewest: (tenant, wrapped) => epochOfWrapped(wrapped) === epochsOf(tenant).length,
    // Of the first epoch for ever: a part stored before a rotation must have the same name after it.
    partKey: async (tenant) => Buffer.from(hkdfSync("sha256", epochsOf(tenant)[0]!.key, "", "muniment.part", 32)),
    sealSecret: async (tenant, context, secret) => {
      const nonce = entropy.bytes(nonceBytes);
      return Buffer.concat([nonce, seal(secretKey(tenant), nonce, secretContext(tenant, context), secret)]);
    },
    openSecret: async (tenant, context, sealed) => {
      const [nonce, rest] = [sealed.subarray(0, nonceBytes), sealed.subarray(nonceBytes)];
      const secret = unseal(secretKey(tenant), nonce, secretContext(tenant, context), rest);
      if (secret === undefined) throw secretForeign(tenant);
      return secret;
    },
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

function secretContext(tenant: TenantId, context: string): Buffer {
  return Buffer.from(`muniment.secret\0${tenant}\0${context}`);
}

function secretForeign(tenant: TenantId): Failure {
  return new Failure(
    "KEY-WRONG",
    "never",
    `the key of tenant ${tenant} does not open a secret that is said to be its own`,
    {
      publicText: "a stored secret belongs to another tenant or installation, or is damaged",
      effect: "nothing was written",
    },
  );
}

function packForeign(tenant: TenantId, pack: PackId): Failure {
  return new Failure("KEY-WRONG", "never", `the key of tenant ${tenant} does not open pack ${pack}`, {
    publicText: "this pack belongs to another installation",
    effect: "nothing was written",
  });
}
