import { constants, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { Failure, type Instant } from "#core/index.ts";

/** A certificate with its key, ready for use. */
export interface Certificate {
  context: SecureContext;
  /** Of the certificate itself, not of those that vouch for it. */
  subject: string;
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  sha256: string;
  validUntil: Instant;
}

/**
 * Makes a certificate chain and its key, both PEM, ready for use with TLS 1.2 and later.
 *
 * @throws `TLS-CERTIFICATE` when either cannot be read or they do not belong together
 * @see RFC 8996 (nothing below TLS 1.2), RFC 5746 §4.3 (a renegotiation is refused: it costs us more than the peer)
 */
export function readCertificate(chain: Buffer, key: Buffer): Certificate {
  try {
    const certificate = new X509Certificate(chain);
    const context = createSecureContext({
      cert: chain,
      key,
      minVersion: "TLSv1.2",
      honorCipherOrder: true,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
    return {
      context,
      subject: certificate.subject,
      sha256: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
      validUntil: certificate.validToDate.getTime() as Instant,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure("TLS-CERTIFICATE", "never", `certificate and key cannot be used: ${message}`, { cause: error });
  }
}
