import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { type Entropy, type Instant, isTenantId, type TenantId } from "#core/index.ts";
import { keyFileDamaged, kitMissing } from "./key-failures.ts";
import { type KeyFileText, type OldKeyFileText, parseKeyFile, type Sealed } from "./key-file-text.ts";
import { type Recovery, rootFromKit } from "./recovery-box.ts";
import { type Protection, rootFromPassphrase } from "./root-protection.ts";
import { sealSecret, secretBytes, unsealSecret } from "./sealed-secret.ts";

/** One epoch of a tenant's key in clear. */
export interface TenantEpoch {
  epoch: number;
  madeAt: Instant | null;
  key: Buffer;
}

/** A key file with its secrets in clear: in memory only. Values are never changed, a change makes a new one. */
export interface KeyFileContent {
  root: { epoch: number; madeAt: Instant | null; key: Buffer };
  /** How `root.key` is protected, as it stands in the file. */
  protection: Protection;
  recovery: Recovery | null;
  spool: Buffer;
  fingerprints: Buffer;
  /** Each tenant's epochs, from 1 without a gap; never none. */
  tenants: ReadonlyMap<TenantId, readonly TenantEpoch[]>;
}

/** A way to the root key. */
export type KeyAccess =
  | { kind: "passphrase"; passphrase: string | null }
  | { kind: "kit"; secret: Uint8Array }
  | { kind: "root"; root: Buffer };

const spoolContext = "muniment.keys.spool";
const fingerprintContext = "muniment.keys.fingerprints";
const oldTenantContext = (tenant: string): string => `muniment.keys.tenant\0${tenant}`;
const tenantContext = (tenant: string, epoch: number): string => `muniment.keys.tenant\0${tenant}\0${epoch}`;

function macOf(root: Uint8Array, text: Omit<KeyFileText, "mac">): Buffer {
  const key = Buffer.from(hkdfSync("sha256", root, "", "muniment.keys.mac", secretBytes));
  return createHmac("sha256", key).update(JSON.stringify(text)).digest();
}

function assertMac(root: Uint8Array, { mac, ...text }: KeyFileText): void {
  const right = macOf(root, text);
  const stated = Buffer.from(mac, "base64");
  if (stated.length !== right.length || !timingSafeEqual(stated, right))
    throw keyFileDamaged("it was changed by something that has not the root key");
}

async function rootOf(text: KeyFileText | OldKeyFileText, access: KeyAccess): Promise<Buffer> {
  switch (access.kind) {
    case "passphrase":
      return rootFromPassphrase(text.protection, access.passphrase);
    case "kit":
      if (text.v === 1 || text.recovery === null) throw kitMissing();
      return rootFromKit(text.recovery, access.secret);
    case "root":
      return access.root;
  }
}

/**
 * Opens a key file's bytes.
 *
 * @throws `PASSPHRASE-WRONG`, `KIT-WRONG`, `KIT-MISSING`, `KEY-DAMAGED`, `KEY-VERSION`
 */
export async function decodeKeyFile(bytes: Uint8Array, access: KeyAccess): Promise<KeyFileContent> {
  const text = parseKeyFile(bytes);
  const key = await rootOf(text, access);
  if (text.v === 2) assertMac(key, text);
  const open = (context: string, sealed: Sealed): Buffer => {
    const secret = unsealSecret(key, context, Buffer.from(sealed, "base64"));
    if (secret === undefined) throw keyFileDamaged("a key in it does not open under the root key");
    return secret;
  };
  const tenants = new Map<TenantId, TenantEpoch[]>();
  for (const [tenant, value] of Object.entries<Sealed | KeyFileText["tenants"][string]>(text.tenants)) {
    if (!isTenantId(tenant)) throw keyFileDamaged("it names a tenant that cannot be one");
    const epochs =
      typeof value === "string"
        ? [{ epoch: 1, madeAt: null, key: open(oldTenantContext(tenant), value) }]
        : value.map((one) => ({ ...one, key: open(tenantContext(tenant, one.epoch), one.key) }));
    tenants.set(tenant, epochs);
  }
  const shared = { protection: text.protection, spool: open(spoolContext, text.spool), tenants };
  if (text.v === 1) return { root: { epoch: 1, madeAt: null, key }, recovery: null, fingerprints: key, ...shared };
  const fingerprints = open(fingerprintContext, text.fingerprints);
  return { root: { ...text.root, key }, recovery: text.recovery, fingerprints, ...shared };
}

/** The key file as it is to be written: every secret sealed anew under the root key. */
export function encodeKeyFile(content: KeyFileContent, entropy: Entropy): Buffer {
  const { key, epoch, madeAt } = content.root;
  const sealed = (context: string, secret: Uint8Array): Sealed =>
    sealSecret(entropy, key, context, secret).toString("base64");
  const tenants = [...content.tenants].map(([tenant, epochs]) => [
    tenant,
    epochs.map((one) => ({ ...one, key: sealed(tenantContext(tenant, one.epoch), one.key) })),
  ]);
  const text: Omit<KeyFileText, "mac"> = {
    format: "muniment-keys",
    v: 2,
    root: { epoch, madeAt },
    protection: content.protection,
    recovery: content.recovery,
    spool: sealed(spoolContext, content.spool),
    fingerprints: sealed(fingerprintContext, content.fingerprints),
    tenants: Object.fromEntries(tenants) as KeyFileText["tenants"],
  };
  const mac = macOf(key, text).toString("base64");
  return Buffer.from(`${JSON.stringify({ ...text, mac }, null, 2)}\n`);
}

/** Whether both hold the same secrets, whatever protects them. */
export function haveSameSecrets(one: KeyFileContent, other: KeyFileContent): boolean {
  const secrets = ({ root, spool, fingerprints, tenants }: KeyFileContent): string =>
    JSON.stringify([
      [root.key, spool, fingerprints].map((key) => key.toString("base64")),
      [...tenants].sort().map(([tenant, epochs]) => [tenant, epochs.map(({ key }) => key.toString("base64"))]),
    ]);
  return secrets(one) === secrets(other);
}
