import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";

/** Length of an AES-GCM authentication tag in bytes. */
export const tagBytes = 16;
/** Length of an AES-GCM nonce in bytes. */
export const nonceBytes = 12;

/**
 * Keys as OpenSSL wants them, as long as their bytes are held: given the bytes, Node spends more time on finding out that they
 * are no key object than on sealing a small message. Key bytes never change.
 */
const prepared = new WeakMap<Uint8Array, KeyObject>();

function prepare(key: Uint8Array): KeyObject {
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  prepared.set(key, made);
  return made;
}

/**
 * Seals `plain` with AES-256-GCM; the result is the ciphertext followed by its tag.
 *
 * @param nonce 12 bytes, never used twice with one key
 * @param context authenticated but not stored: opening needs the same
 */
export function seal(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, plain: Uint8Array): Buffer {
  return Buffer.concat(sealedPieces(key, nonce, context, [plain]));
}

/** As {@link seal}, from pieces into pieces, for a caller that has them so and need not copy them. */
export function sealedPieces(
  key: Uint8Array,
  nonce: Uint8Array,
  context: Uint8Array,
  plain: readonly Uint8Array[],
): Buffer[] {
  const cipher = createCipheriv("aes-256-gcm", prepare(key), nonce);
  cipher.setAAD(context);
  // GCM is a stream cipher: nothing is left for final() to give.
  const sealed = plain.map((piece) => cipher.update(piece));
  cipher.final();
  return [...sealed, cipher.getAuthTag()];
}

/** The plain bytes, or undefined when key, nonce, context or a single bit does not fit. Never partial. */
export function unseal(
  key: Uint8Array,
  nonce: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  if (sealed.length < tagBytes) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", prepare(key), nonce);
  decipher.setAAD(context);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}
