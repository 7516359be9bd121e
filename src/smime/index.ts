/**
 * S/MIME: opens what is encrypted, judges what is signed. Bytes and keys in, what was understood out.
 *
 * Pure: it knows of no tenant, store or clock, and reads no file. It never throws on mail.
 */
export { type CertificateFacts, certificateFacts } from "./certificate.ts";
export { mayHaveSmime } from "./cms-parts.ts";
export { recipientKey, recipientKeysOf } from "./open-envelope.ts";
export { type DecryptionKey, decryptionKey } from "./private-key.ts";
export { type CertifiedKey, type KeyFile, readCertificates, readKeyFile } from "./read-key-file.ts";
export { type DerivedEntity, readSmime, type SmimeReading } from "./read-smime.ts";
export { worseSignature } from "./signature.ts";
