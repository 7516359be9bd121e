import { createHash, constants as cryptoConstants, verify, type X509Certificate } from "node:crypto";
import type { Instant } from "#core/index.ts";
import { children, childrenUpTo, type Element, firstChildren, integerOf, octets, oidOf, tags } from "./ber.ts";
import { type CertificateFacts, type ReadCertificate, readCertificate } from "./certificate.ts";
import {
  type Algorithm,
  algorithmOf,
  asSet,
  fieldsMax,
  identityOf,
  type RecipientIdentity,
  type Signed,
} from "./cms.ts";
import type { SignedForms } from "./cms-parts.ts";
import { type Effort, spend } from "./effort.ts";
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
 * @param detached the signed bytes where they lie outside (multipart/signed); null when they are inside
 * @param authorities certificates that are trusted
 * @param at when the mail was taken in: certificates must be valid then
 * @param effort what may still be spent; what it does not reach for is `signed-unsupported`
 * @see RFC 5652 §5.4 to 5.6
 */
export function judgeSignature(
  signed: Signed,
  detached: SignedForms | null,
  authorities: readonly ReadCertificate[],
  at: Instant,
  effort: Effort,
): SignatureReading {
  const { content } = signed;
  if (detached === null && content === null) return unsigned("there is nothing that it could be of");
  // What is shown is the outer one, so an inner one that differs is a deception.
  if (detached !== null && content !== null && !detached.some((form) => form.equals(content))) {
    return unsigned("the signature carries other content than the message shows");
  }
  const forms = createForms(detached ?? { some: (test) => content !== null && test(content) }, effort);
  // Read once for all signers: there may be a hundred of each.
  const embedded = signed.certificates.flatMap((certificate) => readCertificate(certificate) ?? []);
  let worst: SignatureReading | null = null;
  for (const info of signed.signers) {
    const judged = spend(effort, "signers") ? judgeSigner(info, embedded, forms, authorities, at) : unjudged;
    worst = worseSignature(worst, judged);
  }
  return worst ?? unsigned("nobody signed");
}

const unjudged: SignatureReading = {
  state: "signed-unsupported",
  reason: "more is signed in this message than is looked at",
  signer: null,
  digest: null,
};

/** The forms of signed content, with their digests, each made once and only when it is asked for. */
interface Forms {
  /** Whether `test` holds for a form; null when the effort did not reach as far. */
  some(test: (form: Buffer, digestBy: (name: string) => Buffer) => boolean): boolean | null;
  /** Takes what putting the whole of a form through a digest costs. */
  spend(form: Buffer): boolean;
}

function createForms(forms: SignedForms, effort: Effort): Forms {
  const digests = new Map<Buffer, Map<string, Buffer>>();
  return {
    some(test) {
      let isShort = false;
      const holds = forms.some((form) => {
        const known = digests.get(form) ?? new Map<string, Buffer>();
        digests.set(form, known);
        const digestBy = (name: string) => {
          const digest = known.get(name);
          if (digest !== undefined) return digest;
          if (!spend(effort, "workedBytes", form.length)) {
            isShort = true;
            return Buffer.alloc(0);
          }
          const made = createHash(name).update(form).digest();
          known.set(name, made);
          return made;
        };
        return test(form, digestBy);
      });
      return isShort && !holds ? null : holds;
    },
    spend: (form) => spend(effort, "workedBytes", form.length),
  };
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
  const [, rid, digestAlgorithm, ...rest] = childrenUpTo(info, fieldsMax);
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
  embedded: readonly ReadCertificate[],
  forms: Forms,
  authorities: readonly ReadCertificate[],
  at: Instant,
): SignatureReading {
  const signer = signerOf(info);
  if (signer === null) return unsigned("the signature cannot be read");
  const found = [...embedded, ...authorities].find(({ facts }) => isNamed(signer.identity, facts));
  if (found === undefined) {
    const reason = "the signer's certificate is not in the message";
    return { state: "signed-untrusted", reason, signer: null, digest: signer.digest };
  }
  const { x509, facts } = found;
  const { id, subject, issuer, serial, addresses, notAfter } = facts;
  const base = { signer: { id, subject, issuer, serial, addresses, notAfter }, digest: signer.digest };
  switch (compare(signer, forms, x509)) {
    case "unsupported":
      return { ...base, state: "signed-unsupported", reason: "its algorithm is not one that is known here" };
    case "unread":
      return { ...base, state: unjudged.state, reason: unjudged.reason };
    case "differs":
      return { ...base, state: "signed-bad", reason: "the message is not what was signed" };
    case "holds": {
      const trust = trustOf(x509, embedded, authorities, at);
      if (trust.kind === "trusted") return { ...base, state: "signed-ok", reason: "" };
      return { ...base, state: "signed-untrusted", reason: trust.reason };
    }
  }
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

type Verdict = "holds" | "differs" | "unsupported" | "unread";

/** Whether the signature is of one of the forms. */
function compare(signer: Signer, forms: Forms, certificate: X509Certificate): Verdict {
  const scheme = signatureSchemeByOid.get(signer.algorithm.oid);
  const digest = scheme?.digest ?? signer.digest;
  const { attributes, digest: named } = signer;
  if (scheme === undefined || named === null) return "unsupported";
  const padding = scheme.isPss
    ? { padding: cryptoConstants.RSA_PKCS1_PSS_PADDING, saltLength: pssSaltBytes(signer.algorithm) }
    : {};
  const key = { key: certificate.publicKey, ...padding };
  const verifies = (what: Buffer) => verify(scheme.isPlain ? null : digest, what, key, signer.signature);
  let isUnread = false;
  try {
    const holds = forms.some((form, digestBy) => {
      if (attributes !== null) {
        return statesDigest(attributes, () => digestBy(named)) && verifies(asSet(attributes));
      }
      // Without attributes the signature is of the content itself, which OpenSSL wants to see each time.
      if (forms.spend(form)) return verifies(form);
      isUnread = true;
      return false;
    });
    if (holds === true) return "holds";
    return holds === null || isUnread ? "unread" : "differs";
  } catch {
    return "unsupported"; // OpenSSL has no such digest, curve or key
  }
}

/** Whether the signed attributes state the digest of the content. */
function statesDigest(attributes: Element, digest: () => Buffer): boolean {
  for (const attribute of children(attributes)) {
    const [type, values] = firstChildren(attribute, 2);
    if (oidOf(type ?? null) !== attributeTypes.messageDigest) continue;
    const [value] = firstChildren(values ?? null, 1);
    return value != null && octets(value).equals(digest());
  }
  return false;
}

/** The salt's length among the parameters of RSASSA-PSS: [2], 20 octets where it is absent (RFC 4055 §3.1). */
function pssSaltBytes({ parameters }: Algorithm): number {
  for (const part of parameters === null ? [] : children(parameters)) {
    if (part.tag === tags.context2) return integerOf(firstChildren(part, 1)[0] ?? null) ?? 20;
  }
  return 20;
}
