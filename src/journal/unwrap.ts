import type { Envelope } from "#core/index.ts";
import { decodePart, decodeText, type MailPart, type MailReading, readMessage } from "#mail/index.ts";
import { isBounce, returnedMessages } from "./bounce.ts";
import { dominoEnvelope, readDominoItems } from "./domino.ts";
import { readExchangeReport } from "./exchange.ts";
import { readExchange2003Report } from "./exchange-2003.ts";
import { innerHeader } from "./inner-header.ts";
import { reportBytesMax } from "./limits.ts";
import { isReadable, type ReportText } from "./report-text.ts";
import { clearCopyOf } from "./rights.ts";
import { type Marker, type Shape, shapeOf } from "./shape.ts";
import type { ReportDialect, Unwrapping } from "./unwrapping.ts";
import { isEncoded, weigh } from "./weigh.ts";

/**
 * Says whether a message is a journal report, and takes exactly one layer off one that is. Never throws.
 *
 * A bounce around a report counts as nothing: what could not be delivered to one journal address came back to another. To be
 * asked only for what came through a connector for reports: anybody can write a report, and the header alone proves nothing.
 * `reading` must be what `readMessage` gave for the same `bytes`.
 *
 * @see samples: fixtures/journal
 */
export function unwrap(bytes: Uint8Array, reading: MailReading): Unwrapping {
  const found = unwrapReport(bytes, reading);
  if (found.kind !== "not_report") return found;
  if (isBounce(reading)) return returnedReport(bytes, reading) ?? { ...found, marks: ["bounce"] };
  const items = readDominoItems(bytes, reading);
  if (items === null) return found;
  const reasons = [...items.items.map((name) => `header item ${name}`), "a sender could write such items too"];
  return { kind: "domino", envelope: dominoEnvelope(items, reading.headers.from), confidence: 0.5, reasons };
}

/** The report that a bounce gives back, the first that can be read; null when it gives none back. */
function returnedReport(bytes: Uint8Array, bounce: MailReading): Unwrapping | null {
  let unreadable: Unwrapping | null = null;
  for (const part of returnedMessages(bounce)) {
    const decoded = isEncoded(part) ? decodePart(bytes, part) : null;
    if (decoded === null && innerHeader(bytes, bounce, part)?.marker === null) continue;
    const { start, end } = part.body;
    const message = decoded ?? bytes.subarray(start, end);
    const found = unwrapReport(message, readMessage(message));
    if (found.kind === "unreadable") unreadable ??= bounced(found);
    if (found.kind !== "report") continue;
    const { inner } = found;
    if (decoded === null) return bounced({ ...found, inner: { start: start + inner.start, end: start + inner.end } });
    return bounced({ ...found, inner: part.body, decoded: found.decoded ?? decoded.subarray(inner.start, inner.end) });
  }
  return unreadable;
}

function bounced<Found extends Extract<Unwrapping, { kind: "report" | "unreadable" }>>(found: Found): Found {
  return {
    ...found,
    marks: [...found.marks, "report_bounced"],
    reasons: ["it came back in a bounce", ...found.reasons],
  };
}

function unwrapReport(bytes: Uint8Array, reading: MailReading): Unwrapping {
  const shape = shapeOf(bytes, reading);
  const { marker } = shape;
  if (marker === null) {
    return { kind: "not_report", marks: [], reasons: ["no header field marks it as a journal report"] };
  }
  const found = findReport(bytes, shape, marker);
  const reasons = [`header field ${marker.field}`, ...found.reasons];
  if (found.report === null) return withoutReport(bytes, shape, marker, reasons);
  const { report, dialect } = found;
  const envelope = envelopeOf(report);
  const clear = clearCopyOf(bytes, reading, shape.messages);
  const inner = clear ?? shape.messages[0];
  const lack = inner === undefined ? noMessage(shape) : isEmpty(bytes, inner) ? "the wrapped message is empty" : null;
  if (inner === undefined || lack !== null) {
    return { kind: "unreadable", reason: "inner_missing", envelope, marks: [], reasons: [...reasons, lack ?? ""] };
  }
  const decoded = isEncoded(inner) ? decodePart(bytes, inner) : null;
  if (decoded?.length === 0) {
    reasons.push(`the wrapped message is no ${inner.encoding}`);
    return { kind: "unreadable", reason: "inner_missing", envelope, marks: [], reasons };
  }
  if (clear !== null) reasons.push("the protected message is wrapped too; its copy in clear is taken");
  const evidence = weigh(bytes, reading, shape, report, { dialect, inner });
  return {
    kind: "report",
    dialect,
    envelope,
    subject: report.subject,
    messageId: report.messageId,
    label: report.label,
    inner: { start: inner.body.start, end: inner.body.end },
    decoded,
    marks: clear === null ? evidence.marks : [...evidence.marks, "rights_protected"],
    confidence: evidence.confidence,
    reasons: [...reasons, ...report.remarks, ...evidence.reasons],
  };
}

interface FoundReport {
  report: ReportText | null;
  dialect: ReportDialect;
  reasons: string[];
}

/** The first text before the wrapped message that reads as a report. A gateway may have put its banner before it. */
function findReport(bytes: Uint8Array, shape: Shape, { dialect }: Marker): FoundReport {
  for (const [index, part] of shape.textsBefore.slice(0, textsTriedMax).entries()) {
    if (part.body.end - part.body.start > reportBytesMax) {
      return { report: null, dialect, reasons: [`a text part is longer than ${reportBytesMax} bytes`] };
    }
    const found = readText(bytes, part, dialect);
    if (found === null) continue;
    if (index > 0) found.reasons.push("the report text is not the first part");
    if (part.depth > 1 && found.dialect === "eej2007") found.reasons.push("the report text has an alternative");
    return found;
  }
  return { report: null, dialect, reasons: [] };
}

/** Texts tried before giving up; a report has one. */
const textsTriedMax = 8;

/** Reads a text by the grammar of its marker, else by the other: servers that pass reports on have rewritten them. */
function readText(bytes: Uint8Array, part: MailPart, marked: ReportDialect): FoundReport | null {
  const text = decodeText(bytes, part);
  const report = grammars[marked](text);
  if (isReadable(report)) return { report, dialect: marked, reasons: [] };
  const dialect = marked === "eej2007" ? "eej2003" : "eej2007";
  const other = grammars[dialect](text);
  if (!isReadable(other)) return null;
  return { report: other, dialect, reasons: ["the report text is of another version than its marker"] };
}

const grammars: Record<ReportDialect, (text: string) => ReportText> = {
  eej2007: readExchangeReport,
  eej2003: readExchange2003Report,
};

/** Marked as a report, but without a report text that can be read: broken when it is built like one, else no report. */
function withoutReport(bytes: Uint8Array, shape: Shape, marker: Marker, reasons: string[]): Unwrapping {
  const isBehind = shape.textsBehind
    .slice(0, textsTriedMax)
    .some(
      (part) => part.body.end - part.body.start <= reportBytesMax && readText(bytes, part, marker.dialect) !== null,
    );
  if (isBehind) reasons.push("a report text stands behind the wrapped message, where none is believed");
  if (shape.isMixed && shape.messages.length > 0 && (shape.hasTextBefore || isBehind)) {
    reasons.push("no text before the wrapped message can be read as a report");
    return { kind: "unreadable", reason: "envelope_unreadable", envelope: null, marks: [], reasons };
  }
  if (shape.hasTnef && shape.messages.length === 0) {
    reasons.push(noMessage(shape));
    return { kind: "unreadable", reason: "envelope_unreadable", envelope: null, marks: [], reasons };
  }
  if (!shape.isMixed) reasons.push("it is not multipart/mixed");
  if (shape.messages.length === 0) reasons.push("no part is a message");
  if (shape.textsBefore.length === 0) reasons.push("no plain text stands before a wrapped message");
  else reasons.push("no plain text reads as a report");
  return { kind: "not_report", marks: [], reasons };
}

function noMessage(shape: Shape): string {
  if (!shape.hasTnef) return "no part is a message";
  return "no part is a message but winmail.dat (TNEF): it is to be switched off for the domain of the journal address";
}

/** An empty Sender line names nobody; `<>` stays, it is what the null sender is printed as. */
function envelopeOf(report: ReportText): Envelope {
  return {
    sender: report.sender || null,
    onBehalfOf: report.onBehalfOf || null,
    recipients: report.recipients,
  };
}

/** Whether nothing but line ends and blanks is where the message should be. */
function isEmpty(bytes: Uint8Array, part: MailPart): boolean {
  for (let at = part.body.start; at < part.body.end; at += 1) {
    if (bytes[at]! > 0x20) return false;
  }
  return true;
}
