import { type MailReading, readMessage } from "#mail/index.ts";
import { isBounce, unwrapBounce } from "./bounce.ts";
import { dialectsOf } from "./exchange-report.ts";
import { shapeOf } from "./shape.ts";

/**
 * Whether a message that came within a journal report is the bounce of a journal report: the mailbox that undeliverable
 * reports come back to is journaled itself, so that each report that cannot be delivered somewhere makes another one, one
 * layer deeper, for as long as that lasts. A bounce that brings back the header only counts too. Never throws.
 *
 * It is only told: what the bounce wraps is not believed, since anybody can write one to a journaled mailbox.
 */
export function isReportComeBack(bytes: Uint8Array, reading: MailReading): boolean {
  if (!isBounce(bytes, reading)) return false;
  if (unwrapBounce(bytes, reading).kind !== "bounce") return true;
  return reading.parts.slice(0, partsMax).some(({ type, body, encoding }) => {
    if (!headerTypes.has(type) || !plainEncodings.has(encoding)) return false;
    const header = bytes.subarray(body.start, Math.min(body.end, body.start + headerBytesMax));
    return dialectsOf(shapeOf(header, readMessage(header))).length > 0;
  });
}

/** What a returned header comes as, RFC 3462 §2. */
const headerTypes = new Set(["text/rfc822-headers", "message/rfc822-headers"]);
const plainEncodings = new Set<string>(["7bit", "8bit", "binary"]);
/** Parts looked at for a returned header; it is the third of a bounce. */
const partsMax = 20;
/** Of a returned header so much is read: a report's own fields stand within. */
const headerBytesMax = 64 * 1024;
