import { type MailReading, mailboxesIn } from "#mail/index.ts";
import { copyRecipients } from "./recipients.ts";
import type { CopyUnwrapping } from "./unwrapping.ts";

/** Fields that mail servers write the recipients of the envelope into. */
const recipientFields: ReadonlySet<string> = new Set(["x-envelope-to", "envelope-to", "x-rcpt-to"]);
const senderFields: ReadonlySet<string> = new Set(["x-envelope-from", "envelope-from"]);

/**
 * A copy whose first servers wrote the envelope into its header: Zimbra in one field with a list, Postfix by a prepend
 * action in one field a recipient, Exim and others in Envelope-To. Null when no such field names a recipient above the first Received field.
 *
 * @see Zimbra's archiving; PREPEND in access(5) of Postfix; Haraka's record_envelope_addresses
 */
export function readEnvelopeFields(bytes: Uint8Array, reading: MailReading): CopyUnwrapping | null {
  const addresses = mailboxesIn(bytes, reading, recipientFields).map(({ address }) => address);
  const recipients = copyRecipients(addresses, reading);
  if (recipients.length === 0) return null;
  const sender = mailboxesIn(bytes, reading, senderFields)[0]?.address;
  const names = reading.fields.map(({ name }) => name);
  const at = names.findIndex((name) => recipientFields.has(name));
  const firstReceived = names.indexOf("received");
  // Below a Received field a sender can have put it, or a mail server on the way that knew only its own part.
  if (firstReceived >= 0 && at > firstReceived) return null;
  return {
    kind: "copy",
    dialect: "envelope_fields",
    envelope: { sender: sender || null, onBehalfOf: null, recipients },
    confidence: 0.6,
    reasons: [`header field ${names[at]}`, "above every Received field"],
  };
}
