import type { Envelope } from "#core/index.ts";
import { decodePart, decodeText, type MailPart, type MailReading } from "#mail/index.ts";
import { type ExchangeReport, isReadable, readExchangeReport } from "./exchange.ts";
import { innerHeaderBytesMax, reportBytesMax } from "./limits.ts";
import { type Shape, shapeOf } from "./shape.ts";
import type { Unwrapping } from "./unwrapping.ts";

/**
 * Says whether a message is a journal report, and takes exactly one layer off one that is. Never throws.
 *
 * To be asked only for what came through a connector for reports: anybody can write a report, and the header alone
 * proves nothing. `reading` must be what `readMessage` gave for the same `bytes`.
 *
 * @see Exchange samples: fixtures/journal/exchange
 */
export function unwrap(bytes: Uint8Array, reading: MailReading): Unwrapping {
  const shape = shapeOf(reading);
  if (shape.marker === null) return { kind: "not_report", reasons: ["no header field marks it as a journal report"] };
  const found = findReport(bytes, shape);
  const reasons = [`header field ${shape.marker}`, ...found.reasons];
  if (found.report === null) return withoutReport(bytes, shape, reasons);
  const inner = shape.messages[0];
  if (inner === undefined || isEmpty(bytes, inner)) {
    reasons.push(inner === undefined ? "no part is a message" : "the wrapped message is empty");
    return { kind: "unreadable", reason: "inner_missing", reasons };
  }
  const decoded = isEncoded(inner) ? decodePart(bytes, inner) : null;
  if (decoded?.length === 0) {
    reasons.push(`the wrapped message is no ${inner.encoding}`);
    return { kind: "unreadable", reason: "inner_missing", reasons };
  }
  const { report } = found;
  const evidence = weigh(bytes, reading, shape, report);
  return {
    kind: "report",
    dialect: "eej2007",
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

/** The first text before the wrapped message that reads as a report. A gateway may have put its banner before it. */
function findReport(bytes: Uint8Array, shape: Shape): { report: ExchangeReport | null; reasons: string[] } {
  for (const [index, part] of shape.textsBefore.slice(0, textsTriedMax).entries()) {
    if (part.body.end - part.body.start > reportBytesMax) {
      return { report: null, reasons: [`a text part is longer than ${reportBytesMax} bytes`] };
    }
    const report = readExchangeReport(decodeText(bytes, part));
    if (!isReadable(report)) continue;
    return { report, reasons: index === 0 ? [] : ["the report text is not the first part"] };
  }
  return { report: null, reasons: [] };
}

/** Texts tried before giving up; a report has one. */
const textsTriedMax = 8;

/** Marked as a report, but without a report text that can be read: broken when it is built like one, else no report. */
function withoutReport(bytes: Uint8Array, shape: Shape, reasons: string[]): Unwrapping {
  const isBehind = shape.textsBehind
    .slice(0, textsTriedMax)
    .some(
      (part) =>
        part.body.end - part.body.start <= reportBytesMax && isReadable(readExchangeReport(decodeText(bytes, part))),
    );
  if (isBehind) reasons.push("a report text stands behind the wrapped message, where none is believed");
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

/** Marker, shape and grammar agree already; this adds what genuine reports have besides, and what they never have. */
function weigh(
  bytes: Uint8Array,
  reading: MailReading,
  shape: Shape,
  report: ExchangeReport,
): { confidence: number; reasons: string[] } {
  const reasons: string[] = [];
  let percent = 60;
  const count = (isSo: boolean, points: number, reason: string): void => {
    if (!isSo) return;
    percent += points;
    reasons.push(reason);
  };
  const inner = shape.messages[0]!;
  const { start, end } = inner.body;
  // What is wrong within the wrapped message says nothing of the report.
  const defects = new Set(reading.defects.filter(({ at }) => at < start || at >= end).map(({ code }) => code));
  const sender = reading.headers.sender[0];
  const isExchange =
    /^microsoftexchange/i.test(sender?.address ?? "") || /^microsoft exchange/i.test(sender?.name ?? "");
  count(isExchange, 20, "sent by Microsoft Exchange");
  count(
    /@journal\.report\.generator>?$/i.test(reading.headers.messageId ?? ""),
    10,
    "Message-ID of a report generator",
  );
  count(isParent(bytes, reading, report.messageId), 10, "report and header name the same message");
  count(!shape.isMixed, -20, "not multipart/mixed");
  count(report.sender === null, -10, "no Sender line");
  count(report.messageId === null, -10, "no Message-ID line");
  count(report.recipients.length === 0, -20, "no recipient is named");
  count(defects.has("boundary_unclosed"), -10, "a multipart is not closed: it may be cut short");
  count(defects.has("ambiguous"), -10, "it can be read in two ways");
  count(isEncoded(inner), -10, `the wrapped message is encoded in ${inner.encoding}`);
  count(shape.messages.length > 1, 0, `further wrapped messages: ${shape.messages.length - 1}`);
  count(carriesMarker(bytes, reading, inner), 0, "the wrapped message is a journal report itself; it is left as it is");
  return { confidence: Math.min(100, Math.max(0, percent)) / 100, reasons };
}

function isParent(bytes: Uint8Array, reading: MailReading, messageId: string | null): boolean {
  const field = reading.fields.find(({ name }) => name === "x-ms-exchange-parent-message-id");
  if (field === undefined || !messageId) return false;
  const value = bytes.subarray(field.value.start, Math.min(field.value.end, field.value.start + idBytesMax));
  return Buffer.from(value).toString("latin1").trim() === messageId;
}

/** Longest Message-ID compared: a line is no longer (RFC 5322 §2.1.1). */
const idBytesMax = 1000;

/** Whether the header of the wrapped message has a report's marker. An encoded one has no header part to look at. */
function carriesMarker(bytes: Uint8Array, reading: MailReading, inner: MailPart): boolean {
  const message = reading.parts.find((part) => part.path === `${inner.path}.0`);
  if (message === undefined) return false;
  const { start, end } = message.header;
  const header = Buffer.from(bytes.subarray(start, Math.min(end, start + innerHeaderBytesMax))).toString("latin1");
  return /(?:^|[\r\n])x-ms-journal-report[ \t]{0,9}:/i.test(header);
}

function isEncoded(part: MailPart): boolean {
  return part.encoding === "base64" || part.encoding === "quoted-printable" || part.encoding === "uuencode";
}

/** Whether nothing but line ends and blanks is where the message should be. */
function isEmpty(bytes: Uint8Array, part: MailPart): boolean {
  for (let at = part.body.start; at < part.body.end; at += 1) {
    if (bytes[at]! > 0x20) return false;
  }
  return true;
}
