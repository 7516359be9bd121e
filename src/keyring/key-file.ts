import { argon2 } from "node:crypto";
import { promisify } from "node:util";
import { type Entropy, Failure, isFailure, isTenantId, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { nonceBytes, seal, unseal } from "./seal.ts";

const deriveKey = promisify(argon2);

/** Cost of turning a passphrase into a key: 64 MiB and 3 passes, some 0.3 s once at each start. */
const passphraseCost = { memory: 64 * 1024, passes: 3, parallelism: 1 };

/** A sealed secret as it stands in the key file: nonce, ciphertext and tag in base64. */
type Sealed = string;

type Protection =
  | { kind: "none"; root: string }
  | { kind: "passphrase"; salt: string; memory: number; passes: number; parallelism: number; root: Sealed };

interface KeyFileText {
  format: "muniment-keys";
  v: 1;
  protection: Protection;
  /** The spool secret under the root key. */
  spool: Sealed;
  /** Tenant keys under the root key. */
  tenants: Record<string, Sealed>;
}

/** The secrets of an installation in the clear, in memory only. */
export interface KeySecrets {
  root: Buffer;
  spool: Buffer;
  tenants: Map<TenantId, Buffer>;
}

/** Seals `secret` under `key` with a fresh random nonce: the root key seals so few secrets that chance suffices. */
export function sealSecret(entropy: Entropy, key: Uint8Array, context: string, secret: Uint8Array): Buffer {
  const nonce = entropy.bytes(nonceBytes);
  return Buffer.concat([nonce, seal(key, nonce, Buffer.from(context), secret)]);
}

/** Undefined when the key or the context is not the one it was sealed with. */
export function unsealSecret(key: Uint8Array, context: string, sealed: Uint8Array): Buffer | undefined {
  return unseal(key, sealed.subarray(0, nonceBytes), Buffer.from(context), sealed.subarray(nonceBytes));
}

const spoolContext = "muniment.keys.spool";
const rootContext = "muniment.keys.root";
const tenantContext = (tenant: string): string => `muniment.keys.tenant\0${tenant}`;

function damaged(path: string, why: string): Failure {
  return new Failure("KEY-DAMAGED", "never", `key file ${path} cannot be read: ${why}`, {
    publicText: "the key file cannot be read",
    effect: "nothing was written; the mail is sealed and needs this key file or its copy",
  });
}

function wrongPassphrase(): Failure {
  return new Failure("KEY-WRONG", "never", "the passphrase does not open the key file", {
    effect: "nothing was written; the mail is sealed until the right passphrase is given",
  });
}

async function keyFromPassphrase(passphrase: string, protection: Protection & { kind: "passphrase" }): Promise<Buffer> {
  const { memory, passes, parallelism } = protection;
  const nonce = Buffer.from(protection.salt, "base64");
  return deriveKey("argon2id", { message: passphrase, nonce, parallelism, memory, passes, tagLength: 32 });
}

async function protect(root: Buffer, passphrase: string | null, entropy: Entropy): Promise<Protection> {
  if (passphrase === null) return { kind: "none", root: root.toString("base64") };
  const protection = {
    kind: "passphrase" as const,
    salt: entropy.bytes(16).toString("base64"),
    ...passphraseCost,
    root: "",
  };
  const key = await keyFromPassphrase(passphrase, protection);
  return { ...protection, root: sealSecret(entropy, key, rootContext, root).toString("base64") };
}

async function rootOf(path: string, protection: Protection, passphrase: string | null): Promise<Buffer> {
  if (protection.kind === "none") return Buffer.from(protection.root, "base64");
  if (passphrase === null) throw wrongPassphrase();
  const key = await keyFromPassphrase(passphrase, protection);
  const root = unsealSecret(key, rootContext, Buffer.from(protection.root, "base64"));
  if (root === undefined) throw wrongPassphrase();
  if (root.length !== 32) throw damaged(path, "the root key has the wrong length");
  return root;
}

/** Makes a key file with fresh secrets and no tenant. `DISK-EXISTS` when there is one. */
export async function createKeyFile(
  disk: Disk,
  path: string,
  passphrase: string | null,
  entropy: Entropy,
): Promise<void> {
  const root = entropy.bytes(32);
  const text: KeyFileText = {
    format: "muniment-keys",
    v: 1,
    protection: await protect(root, passphrase, entropy),
    spool: sealSecret(entropy, root, spoolContext, entropy.bytes(32)).toString("base64"),
    tenants: {},
  };
  await disk.create(path, asBytes(text));
}

async function* asBytes(text: KeyFileText): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(text, null, 2)}\n`);
}

async function parseKeyFile(disk: Disk, path: string): Promise<KeyFileText> {
  let text: KeyFileText;
  try {
    text = JSON.parse(Buffer.from(await disk.read(path)).toString("utf8")) as KeyFileText;
  } catch (error) {
    if (isFailure(error)) throw error;
    throw damaged(path, "it is not JSON");
  }
  if (text.format !== "muniment-keys") throw damaged(path, "it is not a muniment key file");
  if (text.v !== 1)
    throw new Failure("KEY-VERSION", "never", `key file ${path} is of a newer version; install a newer muniment`);
  return text;
}

/** The secrets in the key file. Throws `KEY-WRONG`, `KEY-DAMAGED`, `KEY-VERSION`, `DISK-MISSING`. */
export async function readKeyFile(disk: Disk, path: string, passphrase: string | null): Promise<KeySecrets> {
  const text = await parseKeyFile(disk, path);
  const root = await rootOf(path, text.protection, passphrase);
  const open = (context: string, sealed: Sealed): Buffer => {
    const secret = unsealSecret(root, context, Buffer.from(sealed, "base64"));
    if (secret === undefined) throw damaged(path, "a key in it does not open under the root key");
    return secret;
  };
  const tenants = new Map<TenantId, Buffer>();
  for (const [tenant, sealed] of Object.entries(text.tenants))
    if (isTenantId(tenant)) tenants.set(tenant, open(tenantContext(tenant), sealed));
  return { root, spool: open(spoolContext, text.spool), tenants };
}

/** Adds a tenant's key to the file, durably, in one step. */
export async function addTenantKey(
  disk: Disk,
  path: string,
  root: Uint8Array,
  tenant: TenantId,
  key: Uint8Array,
  entropy: Entropy,
): Promise<void> {
  const text = await parseKeyFile(disk, path);
  text.tenants[tenant] = sealSecret(entropy, root, tenantContext(tenant), key).toString("base64");
  await disk.replace(path, asBytes(text));
}
