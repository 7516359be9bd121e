/** One kibibyte and one mebibyte in bytes. */
export const KiB = 1024;
export const MiB = 1024 * KiB;

/** Largest message taken, in octets after dot-unstuffing: a 150 MB mail, its base64 and a report around it fit. */
export const messageBytesMax = 256 * MiB;
/** Default age above which a journal report is held instead of archived: the guide's 30-day rule. */
const maxAgeDaysDefault = 30;

/**
 * The age rule of a new connector that says nothing of it, in days; null is off. Plain mail has an age of its own, and is
 * held for it only where a connector says so.
 */
export function maxAgeDaysOf(type: "standard" | "eej"): number | null {
  return type === "eej" ? maxAgeDaysDefault : null;
}
/** Longest domain name (RFC 1035 §2.3.4) and whole path (RFC 5321 §4.5.3.1.3) in octets. */
export const domainBytesMax = 255;
export const pathBytesMax = 256;
