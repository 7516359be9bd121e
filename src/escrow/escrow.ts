import type { Instant, TenantId } from "#core/index.ts";
import type { CertificateFacts, CertifiedKey, KeyFile } from "#smime/index.ts";

/** A certificate in escrow: one whose private key is here, or an authority that is trusted. */
export interface EscrowedCertificate {
  kind: "key" | "authority";
  facts: CertificateFacts;
  addedAt: Instant;
}

/** What a thread needs that opens mail. Private keys in the clear: never written, logged or sent beyond the process. */
export interface OpeningKeys {
  keys: CertifiedKey[];
  authorities: Buffer[];
}

/**
 * The private keys that a tenant has given to the archive so that it can read their mail, and the authorities it trusts.
 *
 * Throws {@link Failure}: `ESCROW-DAMAGED` and `ESCROW-VERSION` (never: the file cannot be used, nothing was written), and
 * what the disk and the key ring throw.
 */
export interface Escrow {
  /** In the order they were added. No secret is in it. */
  list(tenant: TenantId): Promise<EscrowedCertificate[]>;
  /**
   * Takes keys in, durably, and gives every key of the file, also those that were there already. May be repeated. The
   * further certificates of the file are not taken for trusted.
   */
  add(tenant: TenantId, file: KeyFile): Promise<EscrowedCertificate[]>;
  /** Trusts these certificates as authorities from now on, durably; likewise. */
  trust(tenant: TenantId, certificates: readonly Buffer[]): Promise<EscrowedCertificate[]>;
  /** Everything that mail of this tenant is opened with; of no other tenant ever. */
  opening(tenant: TenantId): Promise<OpeningKeys>;
}
