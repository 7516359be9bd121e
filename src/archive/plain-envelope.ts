import type { Envelope, EnvelopeRecipient, RecipientRole, RecipientSource } from "#core/index.ts";
import { foldAddress, mailboxInSubAddress } from "#core/index.ts";
import { type MailReading, mailboxesIn } from "#mail/index.ts";
import type { Arrival } from "#spool/index.ts";

/** Fields that name the envelope's sender, where the connector names them. */
const senderFields: ReadonlySet<string> = new Set(["x-envelope-from", "envelope-from", "return-path"]);

/**
 * The envelope of a plain copy, as far as its connector says where to read it: sub-addresses of RCPT TO, and header fields.
 * Null when they say nothing. The journal address itself is nobody's mailbox and is left out.
 */
export function plainEnvelope(bytes: Uint8Array, reading: MailReading, arrival: Arrival): Envelope | null {
  const sources = arrival.destination.envelope;
  if (sources === undefined) return null;
  const { rcptTo, mailFrom } = arrival.hop;
  const { subAddressOf } = sources;
  const copiedFor = subAddressOf === null ? [] : rcptTo.map((address) => mailboxInSubAddress(address, subAddressOf));
  const fromHop = copiedFor.filter((address) => address !== null);
  const names = sources.headers.map((name) => name.toLowerCase());
  const isSender = (name: string) => senderFields.has(name);
  const addressesOf = (wanted: readonly string[]) =>
    mailboxesIn(bytes, reading, new Set(wanted))
      .map(({ address }) => address)
      .filter((address) => address !== "");
  const fromHeader = addressesOf(names.filter((name) => !isSender(name)));
  const seen = new Set(rcptTo.map(foldAddress));
  const recipients: EnvelopeRecipient[] = [];
  const add = (source: RecipientSource) => (address: string) => {
    const folded = foldAddress(address);
    if (seen.has(folded)) return;
    seen.add(folded);
    recipients.push({ address, role: roleOf(folded, reading), relation: "direct", via: null, source });
  };
  fromHop.forEach(add("hop"));
  fromHeader.forEach(add("header"));
  if (recipients.length === 0) return null;
  // A server that copies by recipient passes its own envelope's sender on; elsewhere it is only the copy's.
  const passedOn = fromHop.length > 0 && mailFrom !== "" ? mailFrom : null;
  const sender = addressesOf(names.filter(isSender))[0] ?? passedOn;
  return { sender, onBehalfOf: null, recipients };
}

/** What the header calls this recipient; one it does not name may be a Bcc, a list's member or a forward. */
function roleOf(folded: string, { headers }: MailReading): RecipientRole {
  const isIn = (list: MailReading["headers"]["to"]) => list.some(({ address }) => foldAddress(address) === folded);
  if (isIn(headers.to)) return "to";
  if (isIn(headers.cc)) return "cc";
  return isIn(headers.bcc) ? "bcc" : "unknown";
}
