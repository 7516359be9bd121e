import type { TlsFault } from "./problem.ts";
import { visible } from "./status-line.ts";

/**
 * Whom a connector trusts: `strict` checks name and chain, `pinned` one certificate by its SHA-256, whatever it says, and
 * `relaxed` nobody can be told apart from an attacker; it is a stated choice.
 */
export type Verification = { kind: "strict" } | { kind: "pinned"; sha256: string } | { kind: "relaxed" };

/** A TLS connection as it came about. */
export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  version: string;
  cipher: string;
  verified: "by-authority" | "by-fingerprint" | "not";
  /** SHA-256 of the server's certificate, 64 lower-case hexadecimal digits. */
  fingerprint: string;
  /** The end of the certificate's life as it states it. */
  validTo: string;
  /** Names the certificate is for, as it states them. */
  names: string;
}

/** The fingerprint as it is compared: lower-case hexadecimal digits; null when `text` is no SHA-256. Colons are allowed. */
export function fingerprintOf(text: string): string | null {
  const digits = text.replaceAll(":", "").toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : null;
}

const faultByCode: Readonly<Record<string, TlsFault>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong-name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "unknown-authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown-authority",
  UNABLE_TO_GET_ISSUER_CERT: "unknown-authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown-authority",
  CERT_UNTRUSTED: "unknown-authority",
  INVALID_CA: "unknown-authority",
  CERT_REVOKED: "revoked",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "version-too-old",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "version-too-old",
  ERR_SSL_WRONG_VERSION_NUMBER: "handshake-failed",
};

/** What a failed handshake means, by the code of its error. */
export function tlsFaultOf(error: { code?: string; message: string }): { fault: TlsFault; detail: string } {
  return { fault: faultByCode[error.code ?? ""] ?? "handshake-failed", detail: visible(error.message) };
}
