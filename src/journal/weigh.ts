import type { MailPart, MailReading } from "#mail/index.ts";
import { innerHeader } from "./inner-header.ts";
import type { ReportText } from "./report-text.ts";
import type { Shape } from "./shape.ts";
import type { ReportDialect, ReportMark } from "./unwrapping.ts";

/** How sure it is that a report is one, with the reasons, and what is remarkable of it. */
export interface Evidence {
  /** 0 to 1. */
  confidence: number;
  reasons: string[];
  marks: ReportMark[];
}

/** Marker, shape and grammar agree already; this adds what genuine reports have besides, and what they never have. */
export function weigh(
  bytes: Uint8Array,
  reading: MailReading,
  shape: Shape,
  report: ReportText,
  { dialect, inner }: { dialect: ReportDialect; inner: MailPart },
): Evidence {
  const reasons: string[] = [];
  const marks: ReportMark[] = [];
  let percent = 60;
  const count = (isSo: boolean, points: number, reason: string): void => {
    if (!isSo) return;
    percent += points;
    reasons.push(reason);
  };
  const { start, end } = inner.body;
  // What is wrong within the wrapped message says nothing of the report.
  const defects = new Set(reading.defects.filter(({ at }) => at < start || at >= end).map(({ code }) => code));
  const header = innerHeader(bytes, reading, inner);
  count(isFromExchange(reading), 20, "sent by Microsoft Exchange");
  if (dialect === "eej2007") {
    const isGenerated = /@journal\.report\.generator>?$/i.test(reading.headers.messageId ?? "");
    count(isGenerated, 10, "Message-ID of a report generator");
    count(isParent(bytes, reading, report.messageId), 10, "report and header name the same message");
  } else {
    const isSame = report.messageId !== null && report.messageId === header?.messageId;
    count(isSame, 20, "report and message have the same Message-ID");
  }
  count(!shape.isMixed, -20, "not multipart/mixed");
  count(report.sender === null, -10, "no Sender line");
  count(report.messageId === null, -10, "no Message-ID line");
  count(report.recipients.length === 0, -20, "no recipient is named");
  count(defects.has("boundary_unclosed"), -10, "a multipart is not closed: it may be cut short");
  count(defects.has("ambiguous"), -10, "it can be read in two ways");
  count(isEncoded(inner), -10, `the wrapped message is encoded in ${inner.encoding}`);
  count(shape.messages.length > 1, 0, `further wrapped messages: ${shape.messages.length - 1}`);
  if (header !== null && header.marker !== null) {
    marks.push("report_nested");
    reasons.push("the wrapped message is a journal report itself; it is left as it is");
  }
  return { confidence: Math.min(100, Math.max(0, percent)) / 100, reasons, marks };
}

function isFromExchange({ headers }: MailReading): boolean {
  const sender = headers.sender[0];
  return /^microsoftexchange/i.test(sender?.address ?? "") || /^microsoft exchange/i.test(sender?.name ?? "");
}

function isParent(bytes: Uint8Array, reading: MailReading, messageId: string | null): boolean {
  const field = reading.fields.find(({ name }) => name === "x-ms-exchange-parent-message-id");
  if (field === undefined || !messageId) return false;
  const value = bytes.subarray(field.value.start, Math.min(field.value.end, field.value.start + idBytesMax));
  return Buffer.from(value).toString("latin1").trim() === messageId;
}

/** Longest Message-ID compared: a line is no longer (RFC 5322 §2.1.1). */
const idBytesMax = 1000;

/** Whether a part's bytes are not those of what it holds. */
export function isEncoded(part: MailPart): boolean {
  return part.encoding === "base64" || part.encoding === "quoted-printable" || part.encoding === "uuencode";
}
