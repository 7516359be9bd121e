import { type Envelope, type EnvelopeRecipient, foldAddress } from "#core/index.ts";

/**
 * What all receipts of a message together say of its envelope: each recipient once, in the order first seen. A later
 * report that knows the role wins over an earlier one that does not. Null when no receipt has an envelope.
 */
export function envelopeUnion(envelopes: readonly (Envelope | null)[]): Envelope | null {
  const stated = envelopes.filter((envelope) => envelope !== null);
  if (stated.length === 0) return null;
  const recipients = new Map<string, EnvelopeRecipient>();
  for (const recipient of stated.flatMap((envelope) => envelope.recipients)) {
    const folded = foldAddress(recipient.address);
    const before = recipients.get(folded);
    if (before === undefined || (before.role === "unknown" && recipient.role !== "unknown")) {
      recipients.set(folded, recipient);
    }
  }
  return {
    sender: stated.find(({ sender }) => sender !== null)?.sender ?? null,
    onBehalfOf: stated.find(({ onBehalfOf }) => onBehalfOf !== null)?.onBehalfOf ?? null,
    recipients: [...recipients.values()],
  };
}
