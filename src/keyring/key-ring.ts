import type { PackId, TenantId } from "#core/index.ts";

/** A pack key in the clear, for the worker that writes or reads that pack, and the form that is stored beside the pack. */
export interface PackKey {
  /** 32 bytes; never written anywhere. */
  key: Uint8Array;
  /** The key sealed under the tenant's newest key, bound to tenant, pack and epoch; goes into the pack's header. */
  wrapped: Uint8Array;
}

/**
 * Root and tenant keys, which never leave it; it makes, wraps and unwraps the keys of packs and of the spool.
 *
 * A tenant's key has epochs: the newest wraps the keys of new packs, and every one opens what it wrapped.
 *
 * Throws {@link Failure}: `KEY-MISSING` (no such tenant or epoch), `KEY-WRONG` (a wrapped key does not open),
 * `KEY-VERSION` (it is wrapped in a newer way), `KEY-DAMAGED` (the key file cannot be used). All are retry "never" and
 * write nothing.
 */
export interface KeyRing {
  /** Tenants that have a key, in byte order. */
  tenants(): readonly TenantId[];
  /** Gives `tenant` a key, durably. May be repeated: an existing key stays. */
  addTenant(tenant: TenantId): Promise<void>;
  /**
   * Begins a new epoch of the tenant's key, durably, and gives its number. Each call begins one more; no pack is touched.
   *
   * Throws also `KEY-UNPROVED`, and what the store of the keys throws: then the old epoch goes on.
   */
  rotate(tenant: TenantId): Promise<number>;
  /** A fresh key for a new pack of `tenant`. */
  createPackKey(tenant: TenantId, pack: PackId): Promise<PackKey>;
  /** The key of a pack, from its wrapped form. */
  openPackKey(tenant: TenantId, pack: PackId, wrapped: Uint8Array): Promise<Uint8Array>;
  /** Whether a pack's key, in its wrapped form, is wrapped by the tenant's newest key. Throws `KEY-MISSING`, `KEY-VERSION`. */
  isNewest(tenant: TenantId, wrapped: Uint8Array): boolean;
  /**
   * The 32-byte key under which `tenant` names its parts: always the same, and another one for every tenant, so that no
   * name tells whether another tenant, or anyone else, holds the same bytes.
   */
  partKey(tenant: TenantId): Promise<Uint8Array>;
  /**
   * Seals a secret of the tenant, such as a password or a private key, bound to `context`: what it is for. Every call gives
   * other bytes.
   */
  sealSecret(tenant: TenantId, context: string, secret: Uint8Array): Promise<Uint8Array>;
  /** The secret again, also after rotations; throws `KEY-WRONG` when tenant, context or a single bit does not fit. */
  openSecret(tenant: TenantId, context: string, sealed: Uint8Array): Promise<Uint8Array>;
  /** The 32-byte spool key of one run of the server: the same `salt` (16 bytes) always gives the same key. */
  spoolKey(salt: Uint8Array): Promise<Uint8Array>;
  /** A keyed digest of `text` for secrets that are only ever compared, such as tokens. */
  fingerprint(purpose: string, text: string): string;
}
