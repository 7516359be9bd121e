/**
 * RFC 5322 and MIME reading: bytes in, values and defects out. Never throws on mail, never changes a byte.
 *
 * Pure: it knows nothing of journals, tenants or storage.
 */
export { decodeCharset } from "./charset.ts";
export { htmlToText } from "./html-text.ts";
export { mailboxesIn, namedFields, topmostField } from "./named-fields.ts";
export { decodeText } from "./part-text.ts";
export { readMessage } from "./read-message.ts";
export type { MailPart, MailReading, Span } from "./reading.ts";
export { decodePart } from "./transfer-encoding.ts";
