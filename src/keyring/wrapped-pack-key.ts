import type { Entropy, PackId, TenantId } from "#core/index.ts";
import { keyVersionUnknown } from "./key-failures.ts";
import { nonceBytes, tagBytes } from "./seal.ts";
import { sealSecret, secretBytes, unsealSecret } from "./sealed-secret.ts";

/** A sealed key: nonce, key, tag. Version 1 of a wrapped key is nothing else. */
const sealedKeyBytes = nonceBytes + secretBytes + tagBytes;
const versionByte = 2;
const headBytes = 5;

/** The pack a key belongs to, and the epoch of the tenant's key that wraps it. */
export interface PackKeyPlace {
  tenant: TenantId;
  pack: PackId;
  epoch: number;
}

function contextOf({ tenant, pack, epoch }: PackKeyPlace, version: 1 | 2): string {
  const context = `muniment.keys.pack\0${tenant}\0${pack}`;
  return version === 1 ? context : `${context}\0${epoch}`;
}

/** Wraps a pack's key under the tenant's key of that epoch. */
export function wrapPackKey(entropy: Entropy, tenantKey: Uint8Array, place: PackKeyPlace, key: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes);
  head[0] = versionByte;
  head.writeUInt32BE(place.epoch, 1);
  return Buffer.concat([head, sealSecret(entropy, tenantKey, contextOf(place, 2), key)]);
}

/** The epoch a wrapped key needs; version 1 knew but one. @throws `KEY-VERSION` */
export function epochOfWrapped(wrapped: Uint8Array): number {
  if (wrapped.length === sealedKeyBytes) return 1;
  if (wrapped.length !== headBytes + sealedKeyBytes || wrapped[0] !== versionByte)
    throw keyVersionUnknown("the form in which the pack's key is wrapped");
  return Buffer.from(wrapped).readUInt32BE(1);
}

/** The pack's key; undefined when the tenant's key or the place is another. */
export function unwrapPackKey(tenantKey: Uint8Array, place: PackKeyPlace, wrapped: Uint8Array): Uint8Array | undefined {
  return wrapped.length === sealedKeyBytes
    ? unsealSecret(tenantKey, contextOf(place, 1), wrapped)
    : unsealSecret(tenantKey, contextOf(place, 2), wrapped.subarray(headBytes));
}
