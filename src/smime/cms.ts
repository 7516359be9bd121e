import {
  children,
  childrenUpTo,
  contents,
  der,
  type Element,
  elementAt,
  encoded,
  firstChildren,
  octets,
  oidOf,
  tags,
} from "./ber.ts";
import { contentTypes } from "./oids.ts";

/** An algorithm with its parameters as they stand. */
export interface Algorithm {
  oid: string;
  parameters: Element | null;
  /** The whole identifier, as written. */
  encoded: Buffer;
}

/** Whom a key is for: by the certificate's issuer and serial number, or by its subject key identifier. */
export type RecipientIdentity =
  | { kind: "issuer"; issuer: Buffer; serial: Buffer }
  | { kind: "subjectKey"; identifier: Buffer };

/** One way to the content key. */
export type Recipient =
  | { kind: "transport"; identity: RecipientIdentity; algorithm: Algorithm; encryptedKey: Buffer }
  | {
      kind: "agreement";
      identity: RecipientIdentity;
      algorithm: Algorithm;
      /** The sender's ephemeral public key, as a point; null when it is named by a certificate. */
      point: Buffer | null;
      userKeyingMaterial: Buffer | null;
      encryptedKey: Buffer;
    }
  /** A password, a shared key, or something newer than we know. */
  | { kind: "other" };

/** EnvelopedData or AuthEnvelopedData. */
export interface Enveloped {
  kind: "enveloped";
  recipients: Recipient[];
  /** Whether recipients were left out because there are more than {@link recipientsMax}. */
  isCut: boolean;
  contentType: string;
  algorithm: Algorithm;
  ciphertext: Buffer;
  /** Set for AuthEnvelopedData: nobody can have changed what opens. */
  authenticated: { attributes: Buffer | null; mac: Buffer } | null;
}

/** SignedData, not yet judged. */
export interface Signed {
  kind: "signed";
  contentType: string;
  /** Null when the content lies elsewhere (multipart/signed). */
  content: Buffer | null;
  /** Certificates as DER. */
  certificates: Buffer[];
  signers: Element[];
}

/** What a CMS message is. */
export type Cms =
  | Enveloped
  | Signed
  | { kind: "compressed"; contentType: string; algorithm: string; content: Buffer }
  /** A kind of CMS that mail does not use, such as EncryptedData. */
  | { kind: "other"; oid: string }
  | { kind: "broken" };

/** Recipients that are looked at; every one may cost a private-key operation. A mailing of more is found by search only. */
export const recipientsMax = 1_000;
/** Certificates and signers of one SignedData that are looked at. */
const signedPartsMax = 100;
/** Fields of one structure that are looked at; the longest here has eight. */
export const fieldsMax = 16;

/**
 * Reads a CMS message: BER or DER, definite or indefinite. Total: what makes no sense is `broken`. The result shares
 * memory with `bytes`.
 *
 * @see RFC 5652, RFC 5083, RFC 3274
 */
export function readCms(bytes: Buffer): Cms {
  const [type, wrapped] = firstChildren(elementAt(bytes), 2);
  const oid = oidOf(type ?? null);
  const [inner] = firstChildren(wrapped ?? null, 1);
  if (oid === null || !inner) return { kind: "broken" };
  return readContent(oid, inner);
}

/** Reads the inside of a ContentInfo whose type is known, as it lies in an envelope without a MIME part around it. */
export function readContent(oid: string, inner: Element): Cms {
  if (oid === contentTypes.enveloped) return enveloped(inner, false) ?? { kind: "broken" };
  if (oid === contentTypes.authEnveloped) return enveloped(inner, true) ?? { kind: "broken" };
  if (oid === contentTypes.signed) return signed(inner) ?? { kind: "broken" };
  if (oid === contentTypes.compressed) return compressed(inner) ?? { kind: "broken" };
  return { kind: "other", oid };
}

/** Algorithm and parameters, or null. */
export function algorithmOf(element: Element | null): Algorithm | null {
  const [type, parameters] = firstChildren(element, 2);
  const oid = oidOf(type ?? null);
  return element === null || oid === null ? null : { oid, parameters: parameters ?? null, encoded: encoded(element) };
}

/** The two forms of naming a certificate; `[0]` is the subject key identifier. */
export function identityOf(element: Element | null): RecipientIdentity | null {
  if (element === null) return null;
  if (element.tag === tags.context0) {
    // In a key agreement the identifier is the first of a sequence, else it is the octets themselves.
    const [first] = firstChildren(element, 1);
    return { kind: "subjectKey", identifier: first ? octets(first) : contents(element) };
  }
  const [issuer, serial] = firstChildren(element, 2);
  if (!issuer || serial?.tag !== tags.integer) return null;
  return { kind: "issuer", issuer: encoded(issuer), serial: plainSerial(contents(serial)) };
}

/** A serial number without the octets that only keep it positive, so that equal numbers are equal bytes. */
export function plainSerial(serial: Buffer): Buffer {
  let at = 0;
  while (at < serial.length - 1 && serial[at] === 0) at += 1;
  return serial.subarray(at);
}

function enveloped(sequence: Element, isAuthenticated: boolean): Enveloped | null {
  const [, ...parts] = childrenUpTo(sequence, fieldsMax);
  if (parts[0]?.tag === tags.context0) parts.shift(); // what the originator adds: certificates
  const [recipientSet, encryptedContent, ...rest] = parts;
  if (recipientSet?.tag !== tags.set || encryptedContent === undefined) return null;
  const [type, cipher, ciphertext] = firstChildren(encryptedContent, 3);
  const contentType = oidOf(type ?? null);
  const algorithm = algorithmOf(cipher ?? null);
  if (contentType === null || algorithm === null || !ciphertext) return null;
  const { recipients, isCut } = recipientsOf(recipientSet);
  const common = { kind: "enveloped" as const, recipients, isCut, contentType, algorithm };
  if (!isAuthenticated) return { ...common, ciphertext: octets(ciphertext), authenticated: null };
  const attributes = rest.find(({ tag }) => tag === tags.context1);
  const mac = rest.find(({ tag }) => tag === tags.octetString);
  if (mac === undefined) return null;
  const authenticated = { attributes: attributes ? asSet(attributes) : null, mac: octets(mac) };
  return { ...common, ciphertext: octets(ciphertext), authenticated };
}

/** Attributes are authenticated and signed as a SET, not with the tag they are sent under (RFC 5652 §5.4, RFC 5083 §2.2). */
export function asSet(attributes: Element): Buffer {
  return der(0x31, contents(attributes));
}

function recipientsOf(set: Element): { recipients: Recipient[]; isCut: boolean } {
  const recipients: Recipient[] = [];
  for (const info of children(set)) {
    if (recipients.length >= recipientsMax) return { recipients, isCut: true };
    if (info.tag === tags.sequence) recipients.push(transport(info) ?? { kind: "other" });
    else if (info.tag === tags.context1) agreement(info, recipients);
    else recipients.push({ kind: "other" });
  }
  return { recipients, isCut: false };
}

function transport(info: Element): Recipient | null {
  const [, rid, cipher, key] = firstChildren(info, 4);
  const identity = identityOf(rid ?? null);
  const algorithm = algorithmOf(cipher ?? null);
  if (identity === null || algorithm === null || !key) return null;
  return { kind: "transport", identity, algorithm, encryptedKey: octets(key) };
}

/** One key agreement may serve several recipients. */
function agreement(info: Element, recipients: Recipient[]): void {
  const [, ...parts] = childrenUpTo(info, fieldsMax);
  const [originator] = firstChildren(parts.shift() ?? null, 1);
  const material = parts[0]?.tag === tags.context1 ? firstChildren(parts.shift() ?? null, 1)[0] : null;
  const algorithm = algorithmOf(parts.shift() ?? null);
  const keys = parts.shift();
  if (algorithm === null || keys === undefined) {
    recipients.push({ kind: "other" });
    return;
  }
  const [, bits] = originator?.tag === tags.context1 ? firstChildren(originator, 2) : [];
  const point = bits?.tag === tags.bitString ? contents(bits).subarray(1) : null;
  for (const entry of children(keys)) {
    if (recipients.length >= recipientsMax) return;
    const [rid, key] = firstChildren(entry, 2);
    const identity = identityOf(rid ?? null);
    const userKeyingMaterial = material ? octets(material) : null;
    recipients.push(
      identity === null || !key
        ? { kind: "other" }
        : { kind: "agreement", identity, algorithm, point, userKeyingMaterial, encryptedKey: octets(key) },
    );
  }
}

function signed(sequence: Element): Signed | null {
  const [, , inside, ...rest] = childrenUpTo(sequence, fieldsMax);
  const [type, wrapped] = firstChildren(inside ?? null, 2);
  const contentType = oidOf(type ?? null);
  const signerSet = rest.find(({ tag }) => tag === tags.set);
  if (contentType === null || signerSet === undefined) return null;
  const [content] = firstChildren(wrapped ?? null, 1);
  const certificateSet = rest.find(({ tag }) => tag === tags.context0);
  const certificates = certificateSet === undefined ? [] : childrenUpTo(certificateSet, signedPartsMax).map(encoded);
  return {
    kind: "signed",
    contentType,
    content: content ? octets(content) : null,
    certificates,
    signers: childrenUpTo(signerSet, signedPartsMax),
  };
}

function compressed(sequence: Element): Cms | null {
  const [, cipher, inside] = firstChildren(sequence, 3);
  const [type, wrapped] = firstChildren(inside ?? null, 2);
  const [content] = firstChildren(wrapped ?? null, 1);
  const algorithm = algorithmOf(cipher ?? null);
  const contentType = oidOf(type ?? null);
  if (algorithm === null || contentType === null || !content) return null;
  return { kind: "compressed", contentType, algorithm: algorithm.oid, content: octets(content) };
}
