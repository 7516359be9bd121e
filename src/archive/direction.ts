import { domainToASCII } from "node:url";
import type { MessageRow } from "#catalogue/index.ts";
import type { EnvelopeRecipient } from "#core/index.ts";

/** Which way mail went, as the tenant's own domains decide. */
export type Direction = "internal" | "inbound" | "outbound" | "other";

/** Who sent a message and who got it, all receipts together. */
export interface Correspondents {
  senders: string[];
  recipients: string[];
}

/**
 * The correspondents of an archived message: those of its envelopes, and where no receipt has one, those of its header. A null
 * sender counts as none, so that a bounce is judged by its author.
 */
export function correspondentsOf(row: Pick<MessageRow, "receipts" | "from" | "to" | "cc" | "bcc">): Correspondents {
  const envelopes = row.receipts.flatMap(({ envelope }) => envelope ?? []);
  const senders = envelopes.flatMap(({ sender }) => (sender === null || domainOf(sender) === null ? [] : [sender]));
  const recipients = envelopes.flatMap((envelope) => envelope.recipients.map((one: EnvelopeRecipient) => one.address));
  return {
    senders: senders.length > 0 ? senders : row.from.map(({ address }) => address),
    recipients: recipients.length > 0 ? recipients : [...row.to, ...row.cc, ...row.bcc].map(({ address }) => address),
  };
}

/**
 * Internal: from an own domain to own domains alone. Outbound: from an own domain to at least one other. Inbound: from
 * another domain to at least one own. Other: everything else, such as mail to nobody that is named. Null when the tenant has
 * no own domains. Addresses without a domain decide nothing.
 *
 * @param ownDomains as {@link readDomain} writes them
 */
export function directionOf({ senders, recipients }: Correspondents, ownDomains: readonly string[]): Direction | null {
  if (ownDomains.length === 0) return null;
  const isOwn = (domain: string) => ownDomains.some((own) => holds(own, domain));
  const domainsOf = (addresses: readonly string[]) => [
    ...new Set(addresses.map(domainOf).filter((domain) => domain !== null)),
  ];
  const to = domainsOf(recipients);
  const isFromOwn = domainsOf(senders).some(isOwn);
  const isToOwn = to.some(isOwn);
  if (isFromOwn) return to.length === 0 ? "other" : to.every(isOwn) ? "internal" : "outbound";
  return isToOwn ? "inbound" : "other";
}

/** `*.example.com` is every domain under it, and not itself. */
function holds(own: string, domain: string): boolean {
  return own.startsWith("*.") ? domain.endsWith(own.slice(1)) : domain === own;
}

function domainOf(address: string): string | null {
  const at = address.lastIndexOf("@");
  return at < 0 ? null : readDomain(address.slice(at + 1).replace(/>\s*$/, ""));
}

/**
 * A domain in the form in which domains are compared: lower case, in ASCII, without a last dot; `*.` before it is kept. Null for
 * what is none.
 *
 * @see RFC 5891 for domains beyond ASCII
 */
export function readDomain(text: string): string | null {
  const trimmed = text.trim().toLowerCase().replace(/\.$/, "");
  const isWild = trimmed.startsWith("*.");
  const name = domainToASCII(isWild ? trimmed.slice(2) : trimmed);
  if (name.length > domainCharsMax || !/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(name)) return null;
  return isWild ? `*.${name}` : name;
}

/** RFC 1035 §2.3.4. */
const domainCharsMax = 253;
