/**
 * RFC 5322 and MIME reading: bytes in, values and defects out. Never throws on mail, never changes a byte.
 *
 * Pure: it knows nothing of journals, tenants or storage.
 */
export type { Defect, HeaderFacts, HeaderField, MailPart, MailReading, Span } from "./reading.ts";
