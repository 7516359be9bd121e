import { elementAt } from "./ber.ts";
import { type CertificateFacts, nameText } from "./certificate.ts";
import { type Enveloped, type Recipient, type RecipientIdentity, readContent } from "./cms.ts";
import { cipherWork, decryptContent, decryptHead } from "./content-cipher.ts";
import { contentKey } from "./content-key.ts";
import { type Effort, spend } from "./effort.ts";
import { lookedAtBytesMax, looksLikeEntity } from "./entity.ts";
import { contentCipherByOid, contentTypes } from "./oids.ts";
import type { DecryptionKey } from "./private-key.ts";
import { isNamed } from "./signature.ts";

/** A recipient as people compare it with a certificate. */
export type RecipientName = { issuer: string; serial: string } | { subjectKeyIdentifier: string };

/** A recipient in one text, the same for what a message names and what a certificate says of itself. */
export function recipientKey(name: RecipientName): string {
  return "issuer" in name ? `${name.issuer} ${name.serial}` : `key ${name.subjectKeyIdentifier}`;
}

/** Every {@link recipientKey} under which a message may name this certificate. */
export function recipientKeysOf({ issuer, serial, subjectKeyIdentifier }: CertificateFacts): string[] {
  const named = recipientKey({ issuer, serial });
  if (subjectKeyIdentifier === null) return [named];
  return [named, recipientKey({ subjectKeyIdentifier: subjectKeyIdentifier.toString("hex") })];
}

/** What came of an envelope. The last three are all that is said of a failure, whatever it was. */
export type OpenedEnvelope =
  | { kind: "opened"; content: Buffer; key: string }
  /** No key here belongs to any of its recipients. */
  | { kind: "no-key" }
  /** A key does belong to one, and nothing sensible came out. */
  | { kind: "bad-key" }
  | { kind: "unsupported" };

/** Recipients that are named at most; a mail to more is shown as one to many. */
const namesMax = 100;

/**
 * Tries every key that belongs to a recipient, and believes only what looks like mail.
 *
 * @param keys every private key of the tenant, old ones too
 * @param effort what may still be spent; what it does not reach for is as if no key were there
 */
export function openEnvelope(envelope: Enveloped, keys: readonly DecryptionKey[], effort: Effort): OpenedEnvelope {
  if (!contentCipherByOid.has(envelope.algorithm.oid)) return { kind: "unsupported" };
  let outcome: OpenedEnvelope = { kind: "no-key" };
  for (const recipient of envelope.recipients) {
    if (recipient.kind === "other") continue;
    if (!spend(effort, "recipients")) return outcome;
    for (const key of keys) {
      if (!isNamed(recipient.identity, namesOf(key))) continue;
      if (!spend(effort, "keyTrials")) return outcome;
      const found = contentKey(recipient, key);
      if (found.kind === "unsupported") {
        if (outcome.kind === "no-key") outcome = { kind: "unsupported" };
        continue;
      }
      // One that failed is tried on all the same with a made-up key, so that its failure takes as long as any other.
      const secret = found.kind === "key" ? found.key : madeUpKey;
      const content = decryptedWith(envelope, secret, effort);
      if (content !== null && found.kind === "key" && isSensible(envelope, content)) {
        return { kind: "opened", content, key: key.id };
      }
      outcome = { kind: "bad-key" };
    }
  }
  return outcome;
}

/** The recipients of an envelope by name, at most {@link namesMax}. */
export function recipientNames({ recipients }: Enveloped): RecipientName[] {
  const named = recipients.filter((recipient) => recipient.kind !== "other").slice(0, namesMax);
  return named.map((recipient: Exclude<Recipient, { kind: "other" }>) => nameOf(recipient.identity));
}

function nameOf(identity: RecipientIdentity): RecipientName {
  if (identity.kind === "subjectKey") return { subjectKeyIdentifier: identity.identifier.toString("hex") };
  const issuer = elementAt(identity.issuer);
  return { issuer: issuer === null ? "" : nameText(issuer), serial: identity.serial.toString("hex") };
}

const namesOf = ({ issuer, serial, subjectKeyIdentifier }: DecryptionKey) => ({
  issuerName: issuer,
  serialNumber: serial,
  subjectKeyIdentifier,
});

const madeUpKey = Buffer.alloc(32);

/** The content where it begins as content does; the whole of a long one is not deciphered with a wrong key. */
function decryptedWith(envelope: Enveloped, secret: Buffer, effort: Effort): Buffer | null {
  const head = decryptHead(envelope, secret, lookedAtBytesMax);
  if (head !== null && !beginsSensibly(envelope, head)) return null;
  return spend(effort, "workedBytes", cipherWork(envelope)) ? decryptContent(envelope, secret) : null;
}

/** Constructed, universal: what every object in place of mail begins with. */
const sequenceOctet = 0x30;

function beginsSensibly(envelope: Enveloped, head: Buffer): boolean {
  return envelope.contentType === contentTypes.data ? looksLikeEntity(head) : head[0] === sequenceOctet;
}

function isSensible(envelope: Enveloped, content: Buffer): boolean {
  if (envelope.authenticated !== null) return true;
  if (envelope.contentType === contentTypes.data) return looksLikeEntity(content);
  const inner = elementAt(content);
  return inner !== null && !["broken", "other"].includes(readContent(envelope.contentType, inner).kind);
}
