import { decodePart, type MailPart, type MailReading, readMessage } from "#mail/index.ts";
import { innerHeaderBytesMax } from "./limits.ts";

/**
 * The header of a wrapped message, read alone: its fields and facts, at most {@link innerHeaderBytesMax} bytes of it. Null
 * when the message is transfer-encoded and so has no header in clear.
 */
export function innerHeader(
  bytes: Uint8Array,
  { parts }: MailReading,
  inner: MailPart,
): Pick<MailReading, "fields" | "headers"> | null {
  const message = parts.find((part) => part.path === `${inner.path}.0`);
  if (message === undefined) return null;
  const { start, end } = message.header;
  return readMessage(bytes.subarray(start, Math.min(end, start + innerHeaderBytesMax)));
}

/** The bytes of a wrapped message, and where they lie; `start` is null when they had to be decoded. */
export function innerBytes(bytes: Uint8Array, part: MailPart): { bytes: Uint8Array; start: number | null } {
  const { body, encoding } = part;
  const isInClear = encoding === "7bit" || encoding === "8bit" || encoding === "binary";
  if (isInClear) return { bytes: bytes.subarray(body.start, body.end), start: body.start };
  return { bytes: decodePart(bytes, part), start: null };
}
