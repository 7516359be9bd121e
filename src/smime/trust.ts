import type { X509Certificate } from "node:crypto";
import type { Instant } from "#core/index.ts";
import type { ReadCertificate } from "./certificate.ts";

/** Whether a certificate leads to an authority that is trusted. */
export type Trust = { kind: "trusted" } | { kind: "untrusted"; reason: string };

/** Certificates between a signer and its authority; public ones have one or two. */
const chainMax = 10;
/** Extended key usages that let a certificate sign mail: e-mail protection, and any. */
const mailUsages = new Set(["1.3.6.1.5.5.7.3.4", "2.5.29.37.0"]);

/**
 * Follows a certificate to one of `authorities`, through `embedded` ones, all valid at `at`. Revocation is not asked for:
 * the answer must be the same on a machine without a network, and years later.
 *
 * @param embedded certificates that came with the signature
 * @param authorities trusted themselves, whoever issued them
 * @see RFC 5280 §6.1, without policies and name constraints
 */
export function trustOf(
  certificate: X509Certificate,
  embedded: readonly ReadCertificate[],
  authorities: readonly ReadCertificate[],
  at: Instant,
): Trust {
  const trusted = authorities.map(({ x509 }) => x509);
  const known = [...trusted, ...embedded.map(({ x509 }) => x509)];
  const anchors = new Set(trusted.map(({ fingerprint256 }) => fingerprint256));
  const usages = certificate.keyUsage as string[] | undefined;
  if (usages !== undefined && !usages.some((usage) => mailUsages.has(usage))) {
    return { kind: "untrusted", reason: "the certificate is not for signing mail" };
  }
  let here = certificate;
  for (let length = 0; length < chainMax; length += 1) {
    if (at < here.validFromDate.getTime() || at > here.validToDate.getTime()) {
      return { kind: "untrusted", reason: "a certificate was not valid when the mail was taken in" };
    }
    if (anchors.has(here.fingerprint256)) return { kind: "trusted" };
    const issuer = known.find((other) => other.fingerprint256 !== here.fingerprint256 && issued(other, here));
    if (issuer === undefined) return { kind: "untrusted", reason: "it leads to no authority that is trusted here" };
    here = issuer;
  }
  return { kind: "untrusted", reason: "too many certificates on the way to an authority" };
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false; // a key of a kind that OpenSSL does not have
  }
}
