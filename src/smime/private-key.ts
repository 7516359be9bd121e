import { createPrivateKey, type KeyObject } from "node:crypto";
import { certificateFacts } from "./certificate.ts";
import type { CertifiedKey } from "./read-key-file.ts";

/** A private key that mail is opened with. It lives in the memory of the thread that reads mail, and nowhere else. */
export interface DecryptionKey {
  /** SHA-256 of the certificate in hexadecimal: what people and audits name the key by. */
  id: string;
  /** The certificate's issuer as DER, and its serial number without leading zeros. */
  issuer: Buffer;
  serial: Buffer;
  /** Null when the certificate states none. */
  subjectKeyIdentifier: Buffer | null;
  /** SubjectPublicKeyInfo as DER. */
  publicKey: Buffer;
  privateKey: KeyObject;
}

/** A key ready for use; null when the certificate or key cannot be read. */
export function decryptionKey({ certificate, privateKey }: CertifiedKey): DecryptionKey | null {
  const facts = certificateFacts(certificate);
  if (facts === null) return null;
  return {
    id: facts.id,
    issuer: facts.issuerName,
    serial: facts.serialNumber,
    subjectKeyIdentifier: facts.subjectKeyIdentifier,
    publicKey: facts.publicKey,
    privateKey: createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" }),
  };
}
