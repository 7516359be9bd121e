import { argon2 } from "node:crypto";
import { promisify } from "node:util";
import type { Entropy } from "#core/index.ts";
import { keyFileDamaged, passphraseWrong } from "./key-failures.ts";
import { sealSecret, secretBytes, unsealSecret } from "./sealed-secret.ts";

const deriveKey = promisify(argon2);

/** What turning a passphrase into a key costs (argon2id, RFC 9106): memory in KiB, passes over it, lanes. */
export interface PassphraseCosts {
  memory: number;
  passes: number;
  parallelism: number;
}

/** Costs of new protections: 64 MiB and 3 passes, some 0.3 s once at each start (RFC 9106 §4, second recommendation). */
const newCosts: PassphraseCosts = { memory: 64 * 1024, passes: 3, parallelism: 1 };

/** Highest costs a key file may ask for: 1 GiB, 16 passes, 16 lanes. More is a damaged file that would take the machine. */
export const costsMax: PassphraseCosts = { memory: 1024 * 1024, passes: 16, parallelism: 16 };
/** Lowest memory in KiB that argon2 takes for one lane (RFC 9106 §3.1). */
const memoryMin = 8;

/** How the root key stands in the key file; bytes in base64. */
export type Protection =
  | { kind: "none"; root: string }
  | ({ kind: "passphrase"; salt: string; root: string } & PassphraseCosts);

const context = "muniment.keys.root";

/** Whether these costs may be spent. */
export function areCostsBearable({ memory, passes, parallelism }: PassphraseCosts): boolean {
  const isWithin = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  return (
    isWithin(parallelism, 1, costsMax.parallelism) &&
    isWithin(memory, memoryMin * parallelism, costsMax.memory) &&
    isWithin(passes, 1, costsMax.passes)
  );
}

async function keyOf(passphrase: string, salt: string, { memory, passes, parallelism }: PassphraseCosts) {
  const nonce = Buffer.from(salt, "base64");
  return deriveKey("argon2id", { message: passphrase, nonce, parallelism, memory, passes, tagLength: secretBytes });
}

/** Puts `root` under a passphrase, with a fresh salt, or in clear when there is none. */
export async function protectRoot(root: Uint8Array, passphrase: string | null, entropy: Entropy): Promise<Protection> {
  if (passphrase === null) return { kind: "none", root: Buffer.from(root).toString("base64") };
  const salt = entropy.bytes(16).toString("base64");
  const key = await keyOf(passphrase, salt, newCosts);
  return { kind: "passphrase", salt, ...newCosts, root: sealSecret(entropy, key, context, root).toString("base64") };
}

/** @throws `PASSPHRASE-WRONG`, `KEY-DAMAGED` */
export async function rootFromPassphrase(protection: Protection, passphrase: string | null): Promise<Buffer> {
  const stored = Buffer.from(protection.root, "base64");
  if (protection.kind === "none") {
    if (stored.length !== secretBytes) throw keyFileDamaged("the root key has the wrong length");
    return stored;
  }
  if (passphrase === null) throw passphraseWrong(false);
  if (!areCostsBearable(protection)) throw keyFileDamaged("the costs of its passphrase are out of bounds");
  const root = unsealSecret(await keyOf(passphrase, protection.salt, protection), context, stored);
  if (root === undefined) throw passphraseWrong(true);
  return root;
}
