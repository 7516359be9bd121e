import type { MailPart, MailReading } from "#mail/index.ts";
import { innerHeader } from "./inner-header.ts";

/** Wrapped messages looked at for a clear copy; a report has two at most. */
const messagesTriedMax = 8;

/**
 * Which of the wrapped messages is the one to archive. Where Exchange decrypts what it journals, the protected message is
 * followed by a copy in clear with the same Message-ID: that one can be read and searched, and the report, which is kept
 * whole, has both. Else it is the first.
 *
 * @see "Journal report decryption" of Exchange
 */
export function chooseMessage(
  bytes: Uint8Array,
  reading: MailReading,
  messages: readonly MailPart[],
): { inner: MailPart | undefined; remark: string | null } {
  const [first] = messages;
  if (first === undefined || !isProtected(reading, first)) return { inner: first, remark: null };
  const idOf = (message: MailPart) => innerHeader(bytes, reading, message)?.headers.messageId ?? null;
  const id = idOf(first);
  const clear = messages
    .slice(1, messagesTriedMax)
    .find((message) => !isProtected(reading, message) && id !== null && idOf(message) === id);
  if (clear === undefined) return { inner: first, remark: "the wrapped message is protected, with no copy in clear" };
  return { inner: clear, remark: "the wrapped message is protected; its copy in clear is taken" };
}

/** Rights management puts the mail into one encrypted part. */
function isProtected({ parts }: MailReading, message: MailPart): boolean {
  return parts.some(
    ({ path, type, filename }) =>
      path.startsWith(`${message.path}.0`) &&
      (type === "application/x-microsoft-rpmsg-message" || filename?.toLowerCase() === "message.rpmsg"),
  );
}
