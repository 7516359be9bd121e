import type { Entropy } from "#core/index.ts";
import { nonceBytes, seal, unseal } from "./seal.ts";

/** Length of every secret in bytes. */
export const secretBytes = 32;

/**
 * Seals `secret` under `key` with a fresh random nonce. A root key seals a handful of secrets a change, an epoch of a
 * tenant's key one a pack: far below the 2^32 at which random nonces of 12 bytes begin to be a risk (NIST SP 800-38D §8.3).
 */
export function sealSecret(entropy: Entropy, key: Uint8Array, context: string, secret: Uint8Array): Buffer {
  const nonce = entropy.bytes(nonceBytes);
  return Buffer.concat([nonce, seal(key, nonce, Buffer.from(context), secret)]);
}

/** Undefined when the key or the context is not the one it was sealed with, or when no secret is in it. */
export function unsealSecret(key: Uint8Array, context: string, sealed: Uint8Array): Buffer | undefined {
  const secret = unseal(key, sealed.subarray(0, nonceBytes), Buffer.from(context), sealed.subarray(nonceBytes));
  return secret?.length === secretBytes ? secret : undefined;
}
