/**
 * What a `From ` line looks like: the separator of mbox files, which mail tools also leave in front of single messages.
 *
 * - `dated`: an envelope sender and a date, as in `From ann@example.com Tue Jul 23 19:39:23 2002`
 * - `patch`: what `git format-patch` writes; inside a body it is part of the text
 * - `bare`: nothing after `From `, as some Thunderbird versions write
 */
export type FromLine = "dated" | "patch" | "bare";

/** Longest line that is examined as a separator: RFC 5322's 998 octets and its line end. Longer ones are text. */
export const fromLineBytesMax = 1000;

const day = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const time = "\\d{1,2}:\\d{2}(?::\\d{2})?(?: [AaPp][Mm])?";
const zone = "(?: +(?:[A-Z]{1,5}|[+-]\\d{4}))*";
const asctime = `${day},? +${month} +\\d{1,2},? +${time}${zone} +\\d{4}${zone}`;
const dayFirst = `${day},? +\\d{1,2} +${month} +\\d{4} +${time}${zone}`;
const iso = `\\d{4}-\\d{2}-\\d{2}[ T]${time}(?:Z|${zone})`;
const dated = new RegExp(`^From (?! *:).*?(?:${asctime}|${dayFirst}|${iso})(?: remote from \\S+)?\\s*$`);
const patch = /^From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001\s*$/;

/** What kind of `From ` line this is, or null when it is text or the obsolete header spelling `From : …`. */
export function fromLineKind(line: Uint8Array): FromLine | null {
  if (!startsWithFrom(line) || line.length > fromLineBytesMax) return null;
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("latin1");
  if (patch.test(text)) return "patch";
  if (dated.test(text)) return "dated";
  return text.trim() === "From" ? "bare" : null;
}

/**
 * Octets of the `From ` line in front of a single message, its line end (LF, CRLF or lone CR) included; 0 without one.
 *
 * An undated line counts when a header field follows it: some tools write the sender alone.
 * @param head the first octets of the message
 */
export function fromLineBytes(head: Uint8Array): number {
  if (!startsWithFrom(head)) return 0;
  const end = lineEndAfter(head, 0);
  if (end === 0) return 0;
  const line = head.subarray(0, end);
  if (fromLineKind(line) !== null) return end;
  const next = head.subarray(end, lineEndAfter(head, end) || head.length);
  return isFieldLine(next) && !isFieldLine(line) ? end : 0;
}

/** Whether a line opens a header field: a name of letters, digits and the like, then a colon (RFC 5322 §2.2, §4.5). */
export function isFieldLine(line: Uint8Array): boolean {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("latin1", 0, 100);
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,76}[ \t]*:/.test(text);
}

/** Offset after the line end that follows `from`: after LF, CRLF or a lone CR; 0 when the line has no end in `bytes`. */
export function lineEndAfter(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === lf) return at + 1;
    if (bytes[at] === cr) return bytes[at + 1] === lf ? at + 2 : at + 1;
  }
  return 0;
}

const lf = 0x0a;
const cr = 0x0d;

function startsWithFrom(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x46 && bytes[1] === 0x72 && bytes[2] === 0x6f && bytes[3] === 0x6d && bytes[4] === 0x20 // "From "
  );
}
