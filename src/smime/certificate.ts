import { createHash, X509Certificate } from "node:crypto";
import type { Instant } from "#core/index.ts";
import { children, contents, type Element, elementAt, encoded, firstChildren, octets, oidOf, tags } from "./ber.ts";
import { plainSerial } from "./cms.ts";

/** What a certificate says that we match and show. */
export interface CertificateFacts {
  /** SHA-256 of the certificate, hexadecimal. */
  id: string;
  /** Subject and issuer as people write them: `CN=Bob, O=Example`. */
  subject: string;
  issuer: string;
  /** Serial number, hexadecimal, without leading zeros. */
  serial: string;
  /** E-mail addresses of subject and alternative names, each once. */
  addresses: string[];
  notBefore: Instant;
  notAfter: Instant;
  /** As in {@link RecipientIdentity}. */
  issuerName: Buffer;
  serialNumber: Buffer;
  subjectKeyIdentifier: Buffer | null;
  publicKey: Buffer;
}

/** A certificate as OpenSSL has it, with what we read of it. */
export interface ReadCertificate {
  x509: X509Certificate;
  facts: CertificateFacts;
}

/** Reads a certificate, DER; null when it is none. */
export function certificateFacts(certificate: Buffer): CertificateFacts | null {
  return readCertificate(certificate)?.facts ?? null;
}

/** As {@link certificateFacts}, with the certificate itself. */
export function readCertificate(certificate: Buffer): ReadCertificate | null {
  try {
    const x509 = new X509Certificate(certificate);
    const fields = [...children(firstChildren(elementAt(certificate), 1)[0]!)];
    if (fields[0]?.tag === tags.context0) fields.shift(); // the version
    const [serial, , issuer, , subject, publicKey] = fields;
    if (!serial || !issuer || !subject || !publicKey) return null;
    const serialNumber = Buffer.from(plainSerial(contents(serial)));
    const facts = {
      id: createHash("sha256").update(certificate).digest("hex"),
      subject: nameText(subject),
      issuer: nameText(issuer),
      serial: serialNumber.toString("hex"),
      addresses: addressesOf(x509, subject),
      notBefore: x509.validFromDate.getTime() as Instant,
      notAfter: x509.validToDate.getTime() as Instant,
      issuerName: Buffer.from(encoded(issuer)),
      serialNumber,
      subjectKeyIdentifier: subjectKeyIdentifier(fields.slice(6)),
      publicKey: Buffer.from(encoded(publicKey)),
    };
    return { x509, facts };
  } catch {
    return null; // OpenSSL says no more than that it cannot read it
  }
}

/** A distinguished name as people write it, most specific part first. */
export function nameText(name: Element): string {
  const parts: string[] = [];
  for (const set of children(name)) {
    for (const pair of children(set)) {
      const [type, value] = firstChildren(pair, 2);
      const oid = oidOf(type ?? null);
      if (oid === null || !value) continue;
      parts.unshift(`${shortNames.get(oid) ?? oid}=${valueText(value)}`);
      if (parts.length === namePartsMax) return parts.join(", ");
    }
  }
  return parts.join(", ");
}

/** Parts of a name that are shown; real ones have fewer than ten. */
const namePartsMax = 30;
/** Characters of one part that are shown. */
const valueCharsMax = 200;
const bmpString = 0x1e;
const latinStrings = new Set([0x14]);

function valueText(value: Element): string {
  const bytes = octets(value).subarray(0, valueCharsMax * 4);
  const text =
    value.tag === bmpString
      ? Buffer.from(bytes.subarray(0, bytes.length & ~1))
          .swap16()
          .toString("utf16le")
      : bytes.toString(latinStrings.has(value.tag) ? "latin1" : "utf8");
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "?").slice(0, valueCharsMax);
}

const shortNames = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.4", "SN"],
  ["2.5.4.5", "serialNumber"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.42", "GN"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["1.2.840.113549.1.9.1", "emailAddress"],
]);

const emailAddress = "emailAddress=";

function addressesOf(x509: X509Certificate, subject: Element): string[] {
  const named = nameText(subject)
    .split(", ")
    .filter((part) => part.startsWith(emailAddress))
    .map((part) => part.slice(emailAddress.length));
  const alternative = (x509.subjectAltName ?? "")
    .split(", ")
    .filter((part) => part.startsWith("email:"))
    .map((part) => part.slice("email:".length));
  return [...new Set([...alternative, ...named])];
}

/** The extension 2.5.29.14: an OCTET STRING in an OCTET STRING. */
function subjectKeyIdentifier(rest: Element[]): Buffer | null {
  const wrapped = rest.find(({ tag }) => tag === tags.context3);
  const [list] = firstChildren(wrapped ?? null, 1);
  for (const extension of list ? children(list) : []) {
    const parts = [...children(extension)];
    if (oidOf(parts[0] ?? null) !== "2.5.29.14") continue;
    const inner = elementAt(octets(parts.at(-1)!));
    return inner === null ? null : Buffer.from(octets(inner));
  }
  return null;
}
