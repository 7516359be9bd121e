import { type MailReading, readMessage, topmostField } from "#mail/index.ts";
import { dialectsOf, unwrapReport } from "./exchange-report.ts";
import { innerBytes } from "./inner-header.ts";
import { isWrappedMessage, shapeOf } from "./shape.ts";
import type { Unwrapping } from "./unwrapping.ts";

/**
 * Whether a message tells that another one could not be delivered: by its delivery status part, else by coming from a
 * mail system. What a postmaster writes has to come from the null sender too, or hold what came back: they are people.
 * Never by its subject, which is in any language, and never by Auto-Submitted alone, which answering machines set.
 *
 * @see RFC 3464; RFC 3834 §5; older forms have no standard
 */
export function isBounce(bytes: Uint8Array, reading: MailReading): boolean {
  const top = reading.parts.slice(0, topPartsMax).filter(({ depth }) => depth <= 1);
  if (top.some(({ type }) => statusTypes.has(type))) return true;
  const fieldValue = (name: string) => topmostField(bytes, reading, name, fieldBytesMax)?.trim().toLowerCase();
  if (fieldValue("x-failed-recipients") !== undefined) return true;
  const people = reading.headers.from.map(({ address }) => address.replace(/@.*/s, "").toLowerCase());
  if (people.includes("mailer-daemon")) return true;
  if (!people.includes("postmaster")) return false;
  const isAnswer = /^auto-replied\b/.test(fieldValue("auto-submitted") ?? "");
  return top.some(({ type }) => returnedTypes.has(type)) || (fieldValue("return-path") === "<>" && !isAnswer);
}

/** Bytes looked at of such a field. */
const fieldBytesMax = 100;
/** Parts looked at; the status is the second of a bounce. */
const topPartsMax = 20;
const statusTypes = new Set(["message/delivery-status", "message/global-delivery-status"]);
const returnedTypes = new Set(["message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"]);

/** Messages within messages in a bounce that are looked at: gateways put some around, none so many. */
const depthMax = 5;
/** Messages in a bounce that are marked and tried as a report; there is one, or one that was mangled before it. */
const reportsTriedMax = 8;

/**
 * Looks for a report in a bounce, as the alternate mailbox for undeliverable reports gets it. Every wrapped message is
 * looked at, not only the first, which is known to come mangled. One that is marked and cannot be read is unreadable.
 */
export function unwrapBounce(bytes: Uint8Array, reading: MailReading): Unwrapping {
  let unreadable: Unwrapping | null = null;
  let tried = 0;
  for (const part of reading.parts) {
    if (!isWrappedMessage(part) || messagesAround(part.path) >= depthMax || tried >= reportsTriedMax) continue;
    const inClear = innerBytes(bytes, part);
    const report = readMessage(inClear.bytes);
    tried += 1;
    const shape = shapeOf(inClear.bytes, report);
    if (dialectsOf(shape).length === 0) continue;
    const found = unwrapReport(inClear.bytes, report, shape);
    const reasons = ["a bounce around a report", ...found.reasons];
    if (found.kind === "unreadable") unreadable ??= { ...found, reasons };
    if (found.kind !== "report") continue;
    const { inner, decoded } = found;
    const { start } = inClear;
    return {
      ...found,
      dialect: "dsn_report",
      inner: start === null ? part.body : { start: inner.start + start, end: inner.end + start },
      decoded: start === null ? (decoded ?? inClear.bytes.subarray(inner.start, inner.end)) : decoded,
      reasons: [...reasons, `report in the form of ${found.dialect}`],
    };
  }
  return unreadable ?? { kind: "bounce", reasons: ["a bounce", "no message in it is a report"] };
}

/** Of a part's path: each `.0` is a message around it. */
function messagesAround(path: string): number {
  return path.split(".").filter((step) => step === "0").length;
}
