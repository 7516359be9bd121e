import { constants, createCipheriv, publicEncrypt, randomBytes, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CertifiedKey, certificateFacts, readKeyFile } from "#smime/index.ts";
import { der } from "../../src/smime/ber.ts";

// Encrypted mail made here, where a test needs thousands: OpenSSL's command takes 20 ms for each.

const corpus = join(import.meta.dirname, "../../../shared/corpus/smime-thunderbird");

/** A key file of the corpus, its passphrase, and what is in it. */
export function corpusKey(name: "Bob" | "Eve"): { path: string; passphrase: string; key: CertifiedKey } {
  const path = join(corpus, `${name}.p12`);
  return { path, passphrase: "nss", key: readKeyFile(readFileSync(path), "nss").keys[0]! };
}

/** An OBJECT IDENTIFIER by the hexadecimal digits of its contents. */
export const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));

/** Identifiers that the objects made here use. */
export const oids = {
  data: oid("2a864886f70d010701"),
  enveloped: oid("2a864886f70d010703"),
  compressed: oid("2a864886f70d0109100109"),
  zlib: oid("2a864886f70d0109100308"),
  rsa: oid("2a864886f70d010101"),
  aes256: oid("60864801650304012a"),
};

const integer = (value: number): Buffer => der(0x02, Buffer.of(value));

/** A CMS object of this type. */
export const contentInfo = (type: Buffer, content: Buffer): Buffer => der(0x30, type, der(0xa0, content));

/** The RecipientInfo of a certificate: issuer, serial number, RSA v1.5, and whatever stands for the encrypted key. */
export function recipientInfo(certificate: Buffer, encryptedKey: Buffer): Buffer {
  const facts = certificateFacts(certificate)!;
  const named = der(0x30, facts.issuerName, der(0x02, facts.serialNumber));
  return der(0x30, integer(0), named, der(0x30, oids.rsa, der(0x05)), der(0x04, encryptedKey));
}

/** What is encrypted to whom, and how. */
export interface Sealing {
  content: Buffer;
  /** The type of the content; data, unless an object lies directly in another. */
  type?: Buffer;
  certificate: Buffer;
  /** RecipientInfos before the real one. */
  before?: readonly Buffer[];
}

/** An EnvelopedData without ContentInfo around it: RSA v1.5 and AES-256-CBC, as most mail programs make it. */
export function envelopedData({ content, type = oids.data, certificate, before = [] }: Sealing): Buffer {
  const [key, iv] = [randomBytes(32), randomBytes(16)];
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()]);
  const { publicKey } = new X509Certificate(certificate);
  const encryptedKey = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key);
  const recipients = der(0x31, ...before, recipientInfo(certificate, encryptedKey));
  const sealed = der(0x30, type, der(0x30, oids.aes256, der(0x04, iv)), der(0x80, ciphertext));
  return der(0x30, integer(0), recipients, sealed);
}

/** A mail whose whole body is this CMS object. */
export function mailOf(cms: Buffer, subject = "encrypted", smimeType = "enveloped-data"): Buffer {
  const head =
    `From: anna@test.example\r\nTo: bob@test.example\r\nSubject: ${subject}\r\n` +
    `Content-Type: application/pkcs7-mime; smime-type=${smimeType}; name=smime.p7m\r\n` +
    "Content-Transfer-Encoding: base64\r\n\r\n";
  return Buffer.from(head + cms.toString("base64").replace(/.{76}/g, "$&\r\n") + "\r\n");
}

/** An encrypted mail with this text inside, under a subject that says nothing of it; or with this entity. */
export function encryptedMail(text: string, certificate: Buffer, entity?: string): Buffer {
  const content = Buffer.from(entity ?? `Subject: inner subject\r\nContent-Type: text/plain\r\n\r\n${text}\r\n`);
  return mailOf(contentInfo(oids.enveloped, envelopedData({ content, certificate })));
}
