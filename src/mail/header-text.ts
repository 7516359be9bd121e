import { isAscii, isUtf8 } from "node:buffer";
import libmime from "libmime";
import { decodeUnlabelled } from "./charset.ts";
import type { NoteDefect } from "./defects.ts";
import type { HeaderField } from "./reading.ts";

/**
 * A field's value as text: unfolded and trimmed, encoded words left as they are. At most `bytesMax` bytes are read.
 *
 * @param hint a charset for raw bytes that are not UTF-8, as the message names it elsewhere; null when there is none
 * @see RFC 5322 §2.2.3, RFC 6532 §3.2
 */
export function fieldText(
  bytes: Buffer,
  field: HeaderField,
  bytesMax: number,
  note: NoteDefect,
  hint: string | null = null,
): string {
  const { start, end } = field.value;
  if (end - start > bytesMax) note("header_field_long", start);
  const raw = bytes.subarray(start, Math.min(end, start + bytesMax));
  if (isAscii(raw)) return unfold(raw.toString("latin1"));
  if (!isUtf8(raw) && end - start <= bytesMax) note("header_not_utf8", start);
  return unfold(decodeUnlabelled(raw, hint));
}

/** Text with its encoded words decoded; what cannot be decoded stays as it is. Never throws. See RFC 2047. */
export function decodeWords(text: string): string {
  if (!text.includes("=?")) return text;
  try {
    return libmime.decodeWords(text);
  } catch {
    return text;
  }
}

/** Text fit to stand on one line of a screen: control characters are gone, white space runs are one space. */
export function oneLine(text: string): string {
  if (!/[\x00-\x1f\x7f-\x9f]| {2}|^ | $/.test(text)) return text;
  return text
    .replace(/[\t\r\n]/g, " ")
    .replace(/[\x00-\x1f\x7f-\x9f]/g, "")
    .replace(/ {2,}/g, " ")
    .trim();
}

/** Line ends before white space vanish; others, which a lost blank left behind, become a space. */
function unfold(text: string): string {
  if (!/[\r\n]/.test(text)) return text.trim();
  return text
    .replace(/[\r\n]+(?=[ \t])/g, "")
    .replace(/[\r\n]+/g, " ")
    .trim();
}
