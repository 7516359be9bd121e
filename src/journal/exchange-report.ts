import type { Envelope } from "#core/index.ts";
import { decodePart, decodeText, type MailPart, type MailReading } from "#mail/index.ts";
import { type ExchangeReport, isReadable, readExchangeReport } from "./exchange.ts";
import { readLegacyReport } from "./legacy.ts";
import { reportBytesMax } from "./limits.ts";
import { chooseMessage } from "./protected.ts";
import type { Shape } from "./shape.ts";
import type { NotReport, ReportUnwrapping, UnreadableReport } from "./unwrapping.ts";
import { isEncoded, weigh, weighLegacy } from "./weigh.ts";

/** One grammar of report texts. */
interface Dialect {
  word: "eej2007" | "eej2003";
  read(text: string): ExchangeReport;
}

const eej2007: Dialect = { word: "eej2007", read: readExchangeReport };
const eej2003: Dialect = { word: "eej2003", read: readLegacyReport };

/**
 * The grammars that a message marked like this may be written in, the likeliest first; none when it is not marked. The
 * later marker is believed first: servers in between put it on reports of older ones.
 */
export function dialectsOf({ marker, legacyMarker }: Shape): Dialect[] {
  if (legacyMarker === null) return marker === null ? [] : [eej2007];
  return marker === null ? [eej2003, eej2007] : [eej2007, eej2003];
}

/** Takes the layer off a message that is marked as an Exchange report, or says why that cannot be done. Never throws. */
export function unwrapReport(
  bytes: Uint8Array,
  reading: MailReading,
  shape: Shape,
): ReportUnwrapping | UnreadableReport | NotReport {
  const found = findReport(bytes, shape);
  const reasons = [`header field ${shape.marker ?? shape.legacyMarker}`, ...found.reasons];
  if (found.report === null) return withoutReport(bytes, shape, reasons);
  const { inner, remark } = chooseMessage(bytes, reading, shape.messages);
  if (remark !== null) reasons.push(remark);
  if (inner === undefined || isEmpty(bytes, inner)) {
    reasons.push(inner === undefined ? "no part is a message" : "the wrapped message is empty");
    return { kind: "unreadable", reason: "inner_missing", reasons };
  }
  const decoded = isEncoded(inner) ? decodePart(bytes, inner) : null;
  if (decoded?.length === 0) {
    reasons.push(`the wrapped message is no ${inner.encoding}`);
    return { kind: "unreadable", reason: "inner_missing", reasons };
  }
  const { report, dialect } = found;
  const evidence = (dialect === "eej2007" ? weigh : weighLegacy)({ bytes, reading, shape, inner, report });
  return {
    kind: "report",
    dialect,
    envelope: envelopeOf(report),
    subject: report.subject,
    messageId: report.messageId,
    label: report.label,
    inner: { start: inner.body.start, end: inner.body.end },
    decoded,
    confidence: evidence.confidence,
    reasons: [...reasons, ...report.remarks, ...evidence.reasons],
  };
}

type Found =
  | { report: ExchangeReport; dialect: Dialect["word"]; reasons: string[] }
  | { report: null; reasons: string[] };

/** The first text before the wrapped message that reads as a report. A gateway may have put its banner before it. */
function findReport(bytes: Uint8Array, shape: Shape): Found {
  const dialects = dialectsOf(shape);
  // Only Exchange 2003 has its text in two forms.
  const inAlternatives = shape.legacyMarker === null ? [] : shape.alternativesBefore;
  const texts = [...shape.textsBefore, ...inAlternatives].slice(0, textsTriedMax);
  for (const [index, part] of texts.entries()) {
    if (part.body.end - part.body.start > reportBytesMax) {
      return { report: null, reasons: [`a text part is longer than ${reportBytesMax} bytes`] };
    }
    const text = decodeText(bytes, part);
    for (const { word, read } of dialects) {
      const report = read(text);
      if (!isReadable(report)) continue;
      return { report, dialect: word, reasons: index === 0 ? [] : ["the report text is not the first part"] };
    }
  }
  return { report: null, reasons: [] };
}

/** Texts tried before giving up; a report has one. */
const textsTriedMax = 8;

/** Marked as a report, but without a report text that can be read: broken when it is built like one, else no report. */
function withoutReport(bytes: Uint8Array, shape: Shape, reasons: string[]): UnreadableReport | NotReport {
  const isBehind = shape.textsBehind
    .slice(0, textsTriedMax)
    .some(
      (part) =>
        part.body.end - part.body.start <= reportBytesMax && isReadable(readExchangeReport(decodeText(bytes, part))),
    );
  if (isBehind) reasons.push("a report text stands behind the wrapped message, where none is believed");
  if (shape.hasTnef && shape.messages.length === 0) {
    reasons.push("Outlook's winmail.dat is in the place of the report: turn TNEF off for the journal address");
    return { kind: "unreadable", reason: "envelope_unreadable", reasons };
  }
  if (shape.isMixed && shape.messages.length > 0 && (shape.hasTextBefore || isBehind)) {
    reasons.push("no text before the wrapped message can be read as a report");
    return { kind: "unreadable", reason: "envelope_unreadable", reasons };
  }
  if (!shape.isMixed) reasons.push("it is not multipart/mixed");
  if (shape.messages.length === 0) reasons.push("no part is a message");
  if (shape.textsBefore.length === 0) reasons.push("no plain text stands before a wrapped message");
  else reasons.push("no plain text reads as a report");
  return { kind: "not_report", reasons };
}

/** An empty Sender line names nobody; `<>` stays, it is what the null sender is printed as. */
function envelopeOf(report: ExchangeReport): Envelope {
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
