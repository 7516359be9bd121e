import { type EnvelopeRecipient, foldAddress, type Mailbox } from "#core/index.ts";

/** One address that the message names, or that it went to, and how we know. */
export interface RecipientLine {
  address: string;
  inEnvelope: boolean;
  inHeader: boolean;
  /** In words, such as "Bcc, envelope only" or "header only". */
  how: string;
}

type Role = "to" | "cc" | "bcc";
const roleNames: Record<Role, string> = { to: "To", cc: "Cc", bcc: "Bcc" };

/**
 * Envelope and header side by side, each address once: those the header names in its order, then those only the envelope
 * knows. Addresses are compared folded and shown as the header writes them, else as the envelope does.
 *
 * @param envelope recipients over all receipts; null when no source stated any
 */
export function recipientLines(
  header: Record<Role, readonly Mailbox[]>,
  envelope: readonly EnvelopeRecipient[] | null,
): RecipientLine[] {
  const inHeader = new Map<string, { address: string; role: Role }>();
  for (const role of ["to", "cc", "bcc"] as const) {
    for (const { address } of header[role]) {
      const folded = foldAddress(address);
      if (folded !== "" && !inHeader.has(folded)) inHeader.set(folded, { address, role });
    }
  }
  const stated = envelope ?? [];
  const inEnvelope = new Map(stated.map((recipient) => [foldAddress(recipient.address), recipient] as const));
  const hasEnvelope = stated.length > 0;
  return [
    ...[...inHeader].map(([folded, { address, role }]) => {
      const recipient = inEnvelope.get(folded);
      if (recipient !== undefined)
        return { address, inEnvelope: true, inHeader: true, how: howInBoth(recipient, role) };
      const how = hasEnvelope ? `${roleNames[role]}, header only` : "header only: no envelope in this source";
      return { address, inEnvelope: false, inHeader: true, how };
    }),
    ...[...inEnvelope]
      .filter(([folded]) => !inHeader.has(folded))
      .map(([, recipient]) => ({
        address: recipient.address,
        inEnvelope: true,
        inHeader: false,
        how: howInEnvelope(recipient),
      })),
  ];
}

function howInBoth(recipient: EnvelopeRecipient, role: Role): string {
  const relation = relationWords(recipient);
  // What a server wrote into the message on its way is no more than that, where the connector believes it.
  const evidence = recipient.source === "header" ? "delivery field" : "envelope";
  return relation === null
    ? `${roleNames[role]}, ${evidence} and header`
    : `${roleNames[role]}, header; also ${relation}`;
}

function howInEnvelope(recipient: EnvelopeRecipient): string {
  const relation = relationWords(recipient);
  if (relation !== null) return relation;
  const evidence = recipient.source === "header" ? "delivery field only" : "envelope only";
  return recipient.role === "unknown" ? evidence : `${roleNames[recipient.role]}, ${evidence}`;
}

function relationWords({ relation, via }: EnvelopeRecipient): string | null {
  switch (relation) {
    case "direct":
      return null;
    case "expanded":
      return via === null ? "list expanded" : `via ${via} expanded`;
    case "forwarded":
      return via === null ? "forwarded by rule" : `forwarded by ${via}`;
  }
}
