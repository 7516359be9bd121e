import { createHash, constants as cryptoConstants, verify, X509Certificate } from "node:crypto";
import type { Instant } from "#core/index.ts";
import { children, type Element, firstChildren, integerOf, octets, oidOf, tags } from "./ber.ts";
import { type CertificateFacts, certificateFacts } from "./certificate.ts";
import { type Algorithm, algorithmOf, asSet, identityOf, type RecipientIdentity, type Signed } from "./cms.ts";
import { attributeTypes, digestByOid, signatureSchemeByOid } from "./oids.ts";
import { trustOf } from "./trust.ts";

/** What became of a signature, judged at the time of intake and never again. */
export type SignatureState = "signed-ok" | "signed-bad" | "signed-untrusted" | "signed-unsupported";

/** One signature, and who made it. */
export interface SignatureReading {
  state: SignatureState;
  /** Why it is not `signed-ok`, in words; empty when it is. */
  reason: string;
  /** Null when the signer's certificate is not there. */
  signer: Pick<CertificateFacts, "id" | "subject" | "issuer" | "serial" | "addresses" | "notAfter"> | null;
  digest: string | null;
}

/** Worst first. */
const severity: readonly SignatureState[] = ["signed-bad", "signed-unsupported", "signed-untrusted", "signed-ok"];

/** The worse of two, which is what is said of both. */
export function worseSignature(a: SignatureReading | null, b: SignatureReading | null): SignatureReading | null {
  if (a === null || b === null) return a ?? b;
  return severity.indexOf(b.state) < severity.indexOf(a.state) ? b : a;
}

/**
 * Judges every signer of a SignedData and gives the worst.
 *
 * @param detached the signed bytes where they lie outside (multipart/signed), in the forms they may have been signed in;
 *   null when they are inside
 * @param authorities certificates that are trusted, as DER
 * @param at when the mail was taken in: certificates must be valid then
 * @see RFC 5652 §5.4 to 5.6
 */
export function judgeSignature(
  signed: Signed,
  detached: readonly Buffer[] | null,
  authorities: readonly Buffer[],
  at: Instant,
): SignatureReading {
  const { content } = signed;
  const forms = detached ?? (content === null ? [] : [content]);
  if (forms.length === 0) return unsigned("there is nothing that it could be of");
  // What is shown is the outer one, so an inner one that differs is a deception.
  if (detached !== null && content !== null && !detached.some((form) => form.equals(content))) {
    return unsigned("the signature carries other content than the message shows");
  }
  let worst: SignatureReading | null = null;
  for (const info of signed.signers) {
    worst = worseSignature(worst, judgeSigner(info, signed.certificates, forms, authorities, at));
  }
  return worst ?? unsigned("nobody signed");
}

function unsigned(reason: string): SignatureReading {
  return { state: "signed-bad", reason, signer: null, digest: null };
}

/** What a SignerInfo says. */
interface Signer {
  identity: RecipientIdentity;
  digest: string | null;
  attributes: Element | null;
  algorithm: Algorithm;
  signature: Buffer;
}

function signerOf(info: Element): Signer | null {
  const [, rid, digestAlgorithm, ...rest] = children(info);
  const attributes = rest[0]?.tag === tags.context0 ? (rest.shift() ?? null) : null;
  const [cipher, signature] = rest;
  const identity = identityOf(rid ?? null);
  const algorithm = algorithmOf(cipher ?? null);
  if (identity === null || algorithm === null || signature === undefined) return null;
  const digest = digestByOid.get(algorithmOf(digestAlgorithm ?? null)?.oid ?? "") ?? null;
  return { identity, digest, attributes, algorithm, signature: octets(signature) };
}

function judgeSigner(
  info: Element,
  embedded: readonly Buffer[],
  forms: readonly Buffer[],
  authorities: readonly Buffer[],
  at: Instant,
): SignatureReading {
  const signer = signerOf(info);
  if (signer === null) return unsigned("the signature cannot be read");
  const found = certificateOf(signer.identity, [...embedded, ...authorities]);
  if (found === null) {
    const reason = "the signer's certificate is not in the message";
    return { state: "signed-untrusted", reason, signer: null, digest: signer.digest };
  }
  const { certificate, facts } = found;
  const { id, subject, issuer, serial, addresses, notAfter } = facts;
  const base = { signer: { id, subject, issuer, serial, addresses, notAfter }, digest: signer.digest };
  switch (compare(signer, forms, certificate)) {
    case "unsupported":
      return { ...base, state: "signed-unsupported", reason: "its algorithm is not one that is known here" };
    case "differs":
      return { ...base, state: "signed-bad", reason: "the message is not what was signed" };
    case "holds": {
      const trust = trustOf(certificate, embedded, authorities, at);
      if (trust.kind === "trusted") return { ...base, state: "signed-ok", reason: "" };
      return { ...base, state: "signed-untrusted", reason: trust.reason };
    }
  }
}

function certificateOf(
  identity: RecipientIdentity,
  candidates: readonly Buffer[],
): { certificate: X509Certificate; facts: CertificateFacts } | null {
  for (const candidate of candidates) {
    const facts = certificateFacts(candidate);
    if (facts !== null && isNamed(identity, facts)) return { certificate: new X509Certificate(candidate), facts };
  }
  return null;
}

/** Whether a recipient or signer is the one with this certificate. */
export function isNamed(
  identity: RecipientIdentity,
  {
    issuerName,
    serialNumber,
    subjectKeyIdentifier,
  }: Pick<CertificateFacts, "issuerName" | "serialNumber" | "subjectKeyIdentifier">,
): boolean {
  if (identity.kind === "subjectKey") return subjectKeyIdentifier?.equals(identity.identifier) ?? false;
  return serialNumber.equals(identity.serial) && issuerName.equals(identity.issuer);
}

type Verdict = "holds" | "differs" | "unsupported";

/** Whether the signature is of one of the forms. */
function compare(signer: Signer, forms: readonly Buffer[], certificate: X509Certificate): Verdict {
  const scheme = signatureSchemeByOid.get(signer.algorithm.oid);
  const digest = scheme?.digest ?? signer.digest;
  if (scheme === undefined || signer.digest === null) return "unsupported";
  const padding = scheme.isPss
    ? { padding: cryptoConstants.RSA_PKCS1_PSS_PADDING, saltLength: pssSaltBytes(signer.algorithm) }
    : {};
  try {
    for (const form of forms) {
      const what = signer.attributes === null ? form : attributesOver(signer.attributes, signer.digest, form);
      if (what === null) continue;
      const key = { key: certificate.publicKey, ...padding };
      if (verify(scheme.isPlain ? null : digest, what, key, signer.signature)) return "holds";
    }
  } catch {
    return "unsupported"; // OpenSSL has no such digest, curve or key
  }
  return "differs";
}

/** The signed attributes in the form that was signed, or null when they do not state the digest of `content`. */
function attributesOver(attributes: Element, digest: string, content: Buffer): Buffer | null {
  const expected = createHash(digest).update(content).digest();
  for (const attribute of children(attributes)) {
    const [type, values] = firstChildren(attribute, 2);
    if (oidOf(type ?? null) !== attributeTypes.messageDigest) continue;
    const [value] = firstChildren(values ?? null, 1);
    return value && octets(value).equals(expected) ? asSet(attributes) : null;
  }
  return null;
}

/** The salt's length among the parameters of RSASSA-PSS: [2], 20 octets where it is absent (RFC 4055 §3.1). */
function pssSaltBytes({ parameters }: Algorithm): number {
  for (const part of parameters === null ? [] : children(parameters)) {
    if (part.tag === tags.context2) return integerOf(firstChildren(part, 1)[0] ?? null) ?? 20;
  }
  return 20;
}
