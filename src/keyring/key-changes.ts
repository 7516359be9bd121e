import { type Entropy, Failure, type Instant, type TenantId } from "#core/index.ts";
import type { KeyFileContent } from "./key-file-content.ts";
import { createRecovery, resealRecovery } from "./recovery-box.ts";
import { protectRoot } from "./root-protection.ts";
import { secretBytes } from "./sealed-secret.ts";

/** Fresh secrets for a new installation, without a tenant. */
export async function newKeys(passphrase: string | null, entropy: Entropy, now: Instant): Promise<KeyFileContent> {
  const key = entropy.bytes(secretBytes);
  return {
    root: { epoch: 1, madeAt: now, key },
    protection: await protectRoot(key, passphrase, entropy),
    recovery: null,
    spool: entropy.bytes(secretBytes),
    fingerprints: entropy.bytes(secretBytes),
    tenants: new Map(),
  };
}

/** Gives `tenant` a first key, unless it has one. */
export function withTenant(keys: KeyFileContent, tenant: TenantId, entropy: Entropy, now: Instant): KeyFileContent {
  if (keys.tenants.has(tenant)) return keys;
  const first = { epoch: 1, madeAt: now, key: entropy.bytes(secretBytes) };
  return { ...keys, tenants: new Map([...keys.tenants, [tenant, [first]]]) };
}

/** Begins a new epoch of the tenant's key. The old ones stay, for the packs sealed under them. @throws `KEY-MISSING` */
export function withEpoch(keys: KeyFileContent, tenant: TenantId, entropy: Entropy, now: Instant): KeyFileContent {
  const epochs = keys.tenants.get(tenant);
  if (epochs === undefined) throw tenantKeyMissing(tenant);
  const next = { epoch: epochs.length + 1, madeAt: now, key: entropy.bytes(secretBytes) };
  return { ...keys, tenants: new Map([...keys.tenants, [tenant, [...epochs, next]]]) };
}

/** The key file has no key for this tenant. */
export function tenantKeyMissing(tenant: TenantId): Failure {
  return new Failure("KEY-MISSING", "never", `there is no key for tenant ${tenant}`, { effect: "nothing was written" });
}

/**
 * Puts a new root key in the old one's place. What it seals stays the same, so nothing else has to change.
 *
 * @param passphrase what protects the new root key: the same as before, since it is not kept
 */
export async function withNewRoot(
  keys: KeyFileContent,
  passphrase: string | null,
  entropy: Entropy,
  now: Instant,
): Promise<KeyFileContent> {
  const key = entropy.bytes(secretBytes);
  return {
    ...keys,
    root: { epoch: keys.root.epoch + 1, madeAt: now, key },
    protection: await protectRoot(key, passphrase, entropy),
    recovery: keys.recovery === null ? null : resealRecovery(keys.recovery, key, entropy),
  };
}

/** Puts the same root key under another passphrase, or under none. */
export async function withPassphrase(
  keys: KeyFileContent,
  passphrase: string | null,
  entropy: Entropy,
): Promise<KeyFileContent> {
  return { ...keys, protection: await protectRoot(keys.root.key, passphrase, entropy) };
}

/** Makes a recovery kit; one that was there before opens nothing any more. The secret is to be printed and forgotten. */
export function withKit(
  keys: KeyFileContent,
  entropy: Entropy,
  now: Instant,
): { keys: KeyFileContent; secret: Buffer } {
  const { recovery, secret } = createRecovery(keys.root.key, entropy, now);
  return { keys: { ...keys, recovery }, secret };
}

/** Notes that the recovery kit was tried and opens everything. */
export function withKitTested(keys: KeyFileContent, now: Instant): KeyFileContent {
  return keys.recovery === null ? keys : { ...keys, recovery: { ...keys.recovery, testedAt: now } };
}
