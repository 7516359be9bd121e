import { generateKeyPairSync } from "node:crypto";
import forge from "node-forge";
import type { Instant } from "#core/index.ts";

/** A certificate and its key, in PEM. */
export interface DemoCertificate {
  cert: string;
  key: string;
}

/** An authority that lives as long as the demo, and what it signed for its mail server. */
export interface DemoCertificates {
  authority: string;
  good: DemoCertificate;
  /** Its life ended a month ago. */
  expired: DemoCertificate;
}

const dayMs = 86_400_000;

/** Makes an authority and two certificates for `localhost`. Takes some 200 ms: the keys are RSA, which the signing library wants. */
export function makeDemoCertificates(now: Instant): DemoCertificates {
  const own = keyPair();
  const authority = certificateOf(own, {
    name: "Harbour Works demo authority",
    from: now - dayMs,
    to: now + 30 * dayMs,
  });
  authority.setIssuer(authority.subject.attributes);
  authority.setExtensions([
    { name: "basicConstraints", cA: true },
    { name: "keyUsage", keyCertSign: true },
  ]);
  authority.sign(own.privateKey, forge.md.sha256.create());
  const issue = (from: number, to: number): DemoCertificate => {
    const pair = keyPair();
    const certificate = certificateOf(pair, { name: "localhost", from, to });
    certificate.setIssuer(authority.subject.attributes);
    certificate.setExtensions([{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }]);
    certificate.sign(own.privateKey, forge.md.sha256.create());
    return { cert: forge.pki.certificateToPem(certificate), key: forge.pki.privateKeyToPem(pair.privateKey) };
  };
  return {
    authority: forge.pki.certificateToPem(authority),
    good: issue(now - dayMs, now + 30 * dayMs),
    expired: issue(now - 60 * dayMs, now - 30 * dayMs),
  };
}

interface KeyPair {
  privateKey: forge.pki.rsa.PrivateKey;
  publicKey: forge.pki.rsa.PublicKey;
}

function keyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { privateKey: forge.pki.privateKeyFromPem(privateKey), publicKey: forge.pki.publicKeyFromPem(publicKey) };
}

let serial = 0;

function certificateOf({ publicKey }: KeyPair, { name, from, to }: { name: string; from: number; to: number }) {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  serial += 1;
  certificate.serialNumber = serial.toString(16).padStart(2, "0");
  certificate.validity.notBefore = new Date(from);
  certificate.validity.notAfter = new Date(to);
  certificate.setSubject([{ name: "commonName", value: name }]);
  return certificate;
}
