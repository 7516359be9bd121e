import type { Instant } from "#core/index.ts";
import { keyFileDamaged, keyVersionUnknown } from "./key-failures.ts";
import type { Recovery } from "./recovery-box.ts";
import type { Protection } from "./root-protection.ts";

/** A sealed secret as it stands in the key file, in base64. */
export type Sealed = string;

/** The key file as it stands on the disk, version 2; see docs/formats/keys.md. */
export interface KeyFileText {
  format: "muniment-keys";
  v: 2;
  root: { epoch: number; madeAt: Instant | null };
  protection: Protection;
  recovery: Recovery | null;
  spool: Sealed;
  fingerprints: Sealed;
  tenants: Record<string, { epoch: number; madeAt: Instant | null; key: Sealed }[]>;
  mac: string;
}

/** Version 1: one key a tenant, fingerprints under the root key itself. */
export interface OldKeyFileText {
  format: "muniment-keys";
  v: 1;
  protection: Protection;
  spool: Sealed;
  tenants: Record<string, Sealed>;
}

type Json = Record<string, unknown>;

function objectIn(value: unknown, name: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw keyFileDamaged(`${name} is missing`);
  return value as Json;
}

function expectTexts(object: Json, names: readonly string[]): void {
  for (const name of names) if (typeof object[name] !== "string") throw keyFileDamaged(`${name} is missing`);
}

function expectTime(object: Json, name: string): void {
  if (object[name] !== null && !Number.isSafeInteger(object[name])) throw keyFileDamaged(`${name} is no time`);
}

function expectEpoch(object: Json, epoch?: number): void {
  const isRight = epoch === undefined ? Number.isSafeInteger(object.epoch) : object.epoch === epoch;
  if (!isRight) throw keyFileDamaged("its epochs are not in order");
}

function expectProtection(value: unknown): void {
  const protection = objectIn(value, "protection");
  const { kind } = protection;
  if (kind !== "none" && kind !== "passphrase") throw keyFileDamaged("its protection is of no known kind");
  expectTexts(protection, kind === "none" ? ["root"] : ["root", "salt"]);
}

function expectRecovery(value: unknown): void {
  if (value === null) return;
  const recovery = objectIn(value, "recovery");
  expectTexts(recovery, ["kit", "public", "ephemeral", "root"]);
  expectTime(recovery, "madeAt");
  expectTime(recovery, "testedAt");
}

function expectTenants(value: unknown): void {
  for (const epochs of Object.values(objectIn(value, "tenants"))) {
    if (!Array.isArray(epochs) || epochs.length === 0) throw keyFileDamaged("a tenant in it has no key");
    for (const [at, one] of epochs.entries()) {
      const epoch = objectIn(one, "a tenant's epoch");
      expectTexts(epoch, ["key"]);
      expectTime(epoch, "madeAt");
      expectEpoch(epoch, at + 1);
    }
  }
}

/**
 * Reads the form of a key file, opening nothing.
 *
 * @throws `KEY-DAMAGED`, `KEY-VERSION`
 */
export function parseKeyFile(bytes: Uint8Array): KeyFileText | OldKeyFileText {
  let text: Json;
  try {
    text = objectIn(JSON.parse(Buffer.from(bytes).toString("utf8")), "everything");
  } catch (error) {
    throw error instanceof SyntaxError ? keyFileDamaged("it is not JSON") : error;
  }
  if (text.format !== "muniment-keys") throw keyFileDamaged("it is not a muniment key file");
  const { v } = text;
  if (v !== 1 && v !== 2) throw keyVersionUnknown("the key file");
  expectProtection(text.protection);
  if (v === 1) {
    expectTexts(text, ["spool"]);
    const tenants = objectIn(text.tenants, "tenants");
    expectTexts(tenants, Object.keys(tenants));
    return text as unknown as OldKeyFileText;
  }
  expectTexts(text, ["spool", "fingerprints", "mac"]);
  const root = objectIn(text.root, "root");
  expectEpoch(root);
  expectTime(root, "madeAt");
  expectRecovery(text.recovery);
  expectTenants(text.tenants);
  return text as unknown as KeyFileText;
}
