import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import forge from "node-forge";
import { Failure } from "#core/index.ts";
import { certificateFacts } from "./certificate.ts";

/** A private key and its certificate, as a key file holds them. */
export interface CertifiedKey {
  /** DER. */
  certificate: Buffer;
  /** PKCS#8, DER, in the clear: whoever has it seals it. */
  privateKey: Buffer;
}

/** What a key file holds: keys with their certificates, and certificates without keys (its chain). */
export interface KeyFile {
  keys: CertifiedKey[];
  certificates: Buffer[];
}

/**
 * Reads PKCS#12 (DER, or wrapped as PEM) or PEM with a private key and certificates.
 *
 * @throws `SMIME-PASSPHRASE` when the passphrase does not open it, `SMIME-KEY-FILE` when it holds no key with its
 *   certificate. Nothing of the file's content is in either
 */
export function readKeyFile(file: Buffer, passphrase: string): KeyFile {
  const text = file.toString("latin1");
  const isPem = text.includes("-----BEGIN ");
  const wrapped = /-----BEGIN PKCS12-----([^-]+)-----END PKCS12-----/.exec(text)?.[1];
  if (isPem && wrapped === undefined) return paired(pemObjects(text, passphrase));
  return paired(pkcs12Objects(wrapped === undefined ? file : Buffer.from(wrapped, "base64"), passphrase));
}

/** Reads certificates: PEM, one or many, or DER. @throws `SMIME-CERTIFICATE` when there is none */
export function readCertificates(file: Buffer): Buffer[] {
  const text = file.toString("latin1");
  const found = text.includes("-----BEGIN ") ? pemCertificates(text) : [file];
  const certificates = found.filter((certificate) => certificateFacts(certificate) !== null);
  if (certificates.length === 0) throw new Failure("SMIME-CERTIFICATE", "never", "the file holds no certificate");
  return certificates;
}

interface Objects {
  privateKeys: KeyObject[];
  certificates: Buffer[];
}

function pemCertificates(text: string): Buffer[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, base64]) => Buffer.from(base64!, "base64"));
}

function pemObjects(text: string, passphrase: string): Objects {
  const blocks = text.match(/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^-]+-----END (?:[A-Z]+ )*PRIVATE KEY-----/g) ?? [];
  try {
    return {
      privateKeys: blocks.map((key) => createPrivateKey({ key, format: "pem", passphrase })),
      certificates: pemCertificates(text),
    };
  } catch {
    throw wrongPassphrase();
  }
}

/** PKCS#12 of every age, with the ciphers of its time; OpenSSL's own reader is not to be had from Node.js. */
function pkcs12Objects(file: Buffer, passphrase: string): Objects {
  let encoded: forge.asn1.Asn1;
  try {
    encoded = forge.asn1.fromDer(forge.util.createBuffer(file.toString("latin1")));
  } catch {
    throw new Failure("SMIME-KEY-FILE", "never", "the file is neither PKCS#12 nor PEM");
  }
  const opened = openPkcs12(encoded, passphrase);
  const objects: Objects = { privateKeys: [], certificates: [] };
  for (const { safeBags } of opened.safeContents) {
    for (const bag of safeBags) {
      const der = bagDer(bag);
      if (der === null) continue;
      if (bag.type === forge.pki.oids.certBag) objects.certificates.push(der);
      else objects.privateKeys.push(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
    }
  }
  return objects;
}

/** An empty passphrase is written in two ways: as no characters, and as none at all. */
function openPkcs12(encoded: forge.asn1.Asn1, passphrase: string): forge.pkcs12.Pkcs12Pfx {
  for (const attempt of passphrase === "" ? [passphrase, undefined] : [passphrase]) {
    try {
      return forge.pkcs12.pkcs12FromAsn1(encoded, false, attempt);
    } catch {
      // The next form, or the failure below: the library's words may quote the file.
    }
  }
  throw wrongPassphrase();
}

function bagDer(bag: forge.pkcs12.Bag): Buffer | null {
  const asn1 =
    bag.asn1 ??
    (bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : undefined) ??
    (bag.cert ? forge.pki.certificateToAsn1(bag.cert) : undefined);
  return asn1 ? Buffer.from(forge.asn1.toDer(asn1).getBytes(), "latin1") : null;
}

function wrongPassphrase(): Failure {
  return new Failure("SMIME-PASSPHRASE", "never", "the passphrase does not open the key file");
}

/** Joins each private key with the certificate of the same public key. */
function paired({ privateKeys, certificates }: Objects): KeyFile {
  const left = new Set(certificates.filter((certificate) => certificateFacts(certificate) !== null));
  const keys: CertifiedKey[] = [];
  for (const privateKey of privateKeys) {
    const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    const certificate = [...left].find((candidate) =>
      new X509Certificate(candidate).publicKey.export({ format: "der", type: "spki" }).equals(publicKey),
    );
    if (certificate === undefined) continue;
    left.delete(certificate);
    keys.push({ certificate, privateKey: privateKey.export({ format: "der", type: "pkcs8" }) });
  }
  if (keys.length === 0) {
    throw new Failure("SMIME-KEY-FILE", "never", "the file holds no private key together with its certificate");
  }
  return { keys, certificates: [...left] };
}
