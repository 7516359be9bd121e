import { createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from "node:crypto";
import { base32, type Entropy, type Instant } from "#core/index.ts";
import { keyFileDamaged, kitWrong } from "./key-failures.ts";
import { sealSecret, secretBytes, unsealSecret } from "./sealed-secret.ts";

/** The second way to the root key, as it stands in the key file; bytes in base64. */
export interface Recovery {
  /** Which kit opens it: the name that is printed on it. */
  kit: string;
  madeAt: Instant;
  /** When the kit was last proved to open this; null since it was made or the root key was replaced. */
  testedAt: Instant | null;
  /** The kit's public key, and the one the root key was last sealed with. */
  public: string;
  ephemeral: string;
  root: string;
}

// An X25519 key as it stands in DER before its 32 bytes (RFC 8410 §4 and §7); Node.js takes raw keys in no other way.
const privateHead = Buffer.from("302e020100300506032b656e04220420", "hex");
const publicHead = Buffer.from("302a300506032b656e032100", "hex");

function privateKey(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateHead, secret]), format: "der", type: "pkcs8" });
}

function publicBytes(secret: Uint8Array): Buffer {
  const der = createPublicKey(privateKey(secret)).export({ format: "der", type: "spki" });
  return der.subarray(publicHead.length);
}

/** The key between a private and a public key, undefined for a public key that fits no private one. */
function sharedKey(secret: Uint8Array, other: Uint8Array, salt: Uint8Array): Buffer | undefined {
  if (other.length !== secretBytes) return undefined;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([publicHead, other]), format: "der", type: "spki" });
    const shared = diffieHellman({ privateKey: privateKey(secret), publicKey });
    return Buffer.from(hkdfSync("sha256", shared, salt, "muniment.keys.recovery", secretBytes));
  } catch {
    return undefined;
  }
}

const context = (kit: string): string => `muniment.keys.recovery\0${kit}`;

function kitName(publicKey: Uint8Array): string {
  return base32(createHash("sha256").update(publicKey).digest().subarray(0, 5));
}

/** Seals `root` for the kit with this public key; the kit itself is not needed. */
function sealFor(publicKey: Buffer, root: Uint8Array, entropy: Entropy): Pick<Recovery, "ephemeral" | "root"> {
  const once = entropy.bytes(secretBytes);
  const ephemeral = publicBytes(once);
  const key = sharedKey(once, publicKey, Buffer.concat([ephemeral, publicKey]));
  if (key === undefined) throw keyFileDamaged("the recovery kit's public key is none");
  const sealed = sealSecret(entropy, key, context(kitName(publicKey)), root);
  return { ephemeral: ephemeral.toString("base64"), root: sealed.toString("base64") };
}

/** A new kit for `root`: what the key file keeps of it, and the secret, which is to be printed and forgotten. */
export function createRecovery(
  root: Uint8Array,
  entropy: Entropy,
  now: Instant,
): { recovery: Recovery; secret: Buffer } {
  const secret = entropy.bytes(secretBytes);
  const publicKey = publicBytes(secret);
  const recovery = {
    kit: kitName(publicKey),
    madeAt: now,
    testedAt: null,
    public: publicKey.toString("base64"),
    ...sealFor(publicKey, root, entropy),
  };
  return { recovery, secret };
}

/** The same kit for another root key. It counts as untested: nobody has opened the new seal with it yet. */
export function resealRecovery(recovery: Recovery, root: Uint8Array, entropy: Entropy): Recovery {
  return { ...recovery, testedAt: null, ...sealFor(Buffer.from(recovery.public, "base64"), root, entropy) };
}

/** The root key. @throws `KIT-WRONG` when this kit is not the one, `KEY-DAMAGED` */
export function rootFromKit(recovery: Recovery, secret: Uint8Array): Buffer {
  const publicKey = publicBytes(secret);
  if (publicKey.toString("base64") !== recovery.public)
    throw kitWrong(`this is kit ${kitName(publicKey)}, and the key file needs kit ${recovery.kit}`);
  const ephemeral = Buffer.from(recovery.ephemeral, "base64");
  const key = sharedKey(secret, ephemeral, Buffer.concat([ephemeral, publicKey]));
  const root = key && unsealSecret(key, context(recovery.kit), Buffer.from(recovery.root, "base64"));
  if (root === undefined) throw keyFileDamaged("its recovery part does not open");
  return root;
}
