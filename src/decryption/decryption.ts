import type { Progress } from "#archive/index.ts";
import type { SmimeTotals } from "#catalogue/index.ts";
import type { Instant, TenantId } from "#core/index.ts";

/** A certificate in escrow with what it did for this tenant's mail. */
export interface CertificateView {
  kind: "key" | "authority";
  /** SHA-256 of the certificate, hexadecimal. */
  id: string;
  subject: string;
  issuer: string;
  serial: string;
  addresses: string[];
  notBefore: Instant;
  notAfter: Instant;
  addedAt: Instant;
  /** Messages that this key opened, and messages that name it and are not opened. */
  opened: number;
  waiting: number;
}

/** All that is known of a tenant's keys for mail. */
export interface DecryptionView {
  /** In the order they were added. */
  certificates: CertificateView[];
  /** Recipients of waiting mail that no key here belongs to, those with most mail first. */
  waiting: SmimeTotals["waiting"];
  states: SmimeTotals["states"];
}

/**
 * The keys with which a tenant's encrypted mail is opened, and the authorities whose signatures it trusts.
 *
 * Throws {@link Failure}: `SMIME-PASSPHRASE`, `SMIME-KEY-FILE`, `SMIME-CERTIFICATE` (nothing was taken in), and what escrow and
 * archive throw.
 */
export interface Decryption {
  list(tenant: TenantId): Promise<DecryptionView>;
  /**
   * Takes the keys of a PKCS#12 or PEM file in, durably, and then opens what waited for them; resolves when that mail is
   * searchable. May be repeated. When it is interrupted the keys stay, and {@link Decryption.resume} does the rest.
   *
   * @param taken told which keys were taken in, before anything is opened with them
   */
  importKeys(
    tenant: TenantId,
    file: Buffer,
    passphrase: string,
    report: (progress: Progress) => void,
    taken: (certificates: readonly CertificateView[]) => Promise<void>,
  ): Promise<{ certificates: CertificateView[]; opened: number }>;
  /** Trusts the certificates of a PEM or DER file. Signatures that were judged stay as they were judged. */
  trust(tenant: TenantId, file: Buffer): Promise<CertificateView[]>;
  /** Opens what waits although its key is here, for a start after an interruption. May be repeated. */
  resume(tenant: TenantId): Promise<void>;
}
