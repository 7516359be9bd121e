import type { MailPart, MailReading } from "#mail/index.ts";
import { innerHeader } from "./inner-header.ts";

/**
 * Of a report that wraps a message with rights protection and, behind it, the same in clear, the clear one; null for any
 * other report. Exchange adds such a copy where decryption of journal reports is on.
 *
 * @param messages the wrapped messages, in order
 * @see the journal report decryption agent of Exchange; fixtures/journal/exchange/rights-protected.eml
 */
export function clearCopyOf(bytes: Uint8Array, reading: MailReading, messages: readonly MailPart[]): MailPart | null {
  const [first, ...others] = messages.slice(0, copiesMax);
  if (first === undefined || others.length === 0 || !isProtected(reading, first)) return null;
  const id = innerHeader(bytes, reading, first)?.messageId ?? null;
  if (id === null) return null;
  const isCopy = (part: MailPart) => !isProtected(reading, part) && innerHeader(bytes, reading, part)?.messageId === id;
  return others.find(isCopy) ?? null;
}

/** Wrapped messages that are looked at; a report has two. */
const copiesMax = 8;

/** Whether its content lies in the container of rights management, `message.rpmsg`. */
function isProtected(reading: MailReading, { path }: MailPart): boolean {
  return reading.parts.some(
    (part) =>
      part.path.startsWith(`${path}.`) &&
      (part.type === "application/x-microsoft-rpmsg-message" || /^message(?:_v\d)?\.rpmsg$/i.test(part.filename ?? "")),
  );
}
