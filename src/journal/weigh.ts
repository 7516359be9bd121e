import type { MailPart, MailReading } from "#mail/index.ts";
import type { ExchangeReport } from "./exchange.ts";
import { innerHeader } from "./inner-header.ts";
import type { Shape } from "./shape.ts";

/** A report that was read, with what speaks for and against it. */
interface Evidence {
  bytes: Uint8Array;
  reading: MailReading;
  shape: Shape;
  inner: MailPart;
  report: ExchangeReport;
}

/** How sure we are that it is a report, 0 to 1, and why. */
interface Weight {
  confidence: number;
  reasons: string[];
}

/** Points in percent with their reasons; what marker, shape and grammar give together is `percent`. */
function scale(percent: number) {
  const reasons: string[] = [];
  return {
    count(isSo: boolean, points: number, reason: string): void {
      if (!isSo) return;
      percent += points;
      reasons.push(reason);
    },
    weight: (): Weight => ({ confidence: Math.min(100, Math.max(0, percent)) / 100, reasons }),
  };
}

/** Marker, shape and grammar agree already; this adds what genuine reports have besides, and what they never have. */
export function weigh(evidence: Evidence): Weight {
  const { bytes, reading, report } = evidence;
  const { count, weight } = scale(60);
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
  weighShape(evidence, count);
  return weight();
}

/** The same for Exchange 2003, whose reports have less to show. */
export function weighLegacy(evidence: Evidence): Weight {
  const { bytes, reading, inner, report } = evidence;
  const { count, weight } = scale(60);
  const innerId = innerHeader(bytes, reading, inner)?.headers.messageId ?? null;
  count(innerId !== null && innerId === report.messageId, 20, "report and wrapped message have the same Message-ID");
  count(
    reading.fields.some(({ name }) => name === "content-class"),
    10,
    "header field content-class",
  );
  weighShape(evidence, count);
  return weight();
}

function weighShape({ bytes, reading, shape, inner, report }: Evidence, count: ReturnType<typeof scale>["count"]) {
  const { start, end } = inner.body;
  // What is wrong within the wrapped message says nothing of the report.
  const defects = new Set(reading.defects.filter(({ at }) => at < start || at >= end).map(({ code }) => code));
  count(!shape.isMixed, -20, "not multipart/mixed");
  count(report.sender === null, -10, "no Sender line");
  count(report.messageId === null, -10, "no Message-ID line");
  count(report.recipients.length === 0, -20, "no recipient is named");
  count(defects.has("boundary_unclosed"), -10, "a multipart is not closed: it may be cut short");
  count(defects.has("ambiguous"), -10, "it can be read in two ways");
  count(isEncoded(inner), -10, `the wrapped message is encoded in ${inner.encoding}`);
  count(shape.messages.length > 1, 0, `further wrapped messages: ${shape.messages.length - 1}`);
  count(carriesMarker(bytes, reading, inner), 0, "the wrapped message is a journal report itself; it is left as it is");
  count(isTnef(reading, inner), 0, "the wrapped message has a winmail.dat");
}

function isParent(bytes: Uint8Array, reading: MailReading, messageId: string | null): boolean {
  const field = reading.fields.find(({ name }) => name === "x-ms-exchange-parent-message-id");
  if (field === undefined || !messageId) return false;
  const value = bytes.subarray(field.value.start, Math.min(field.value.end, field.value.start + idBytesMax));
  return Buffer.from(value).toString("latin1").trim() === messageId;
}

/** Longest Message-ID compared: a line is no longer (RFC 5322 §2.1.1). */
const idBytesMax = 1000;

/** Whether the header of the wrapped message has a report's marker. */
function carriesMarker(bytes: Uint8Array, reading: MailReading, inner: MailPart): boolean {
  return innerHeader(bytes, reading, inner)?.fields.some(({ name }) => name === "x-ms-journal-report") ?? false;
}

function isTnef({ parts }: MailReading, inner: MailPart): boolean {
  return parts.some(({ path, type }) => path.startsWith(`${inner.path}.0`) && type.endsWith("ms-tnef"));
}

/** Whether a transfer encoding stands around the wrapped message, against RFC 2046 §5.2.1. */
export function isEncoded(part: MailPart): boolean {
  return part.encoding !== "7bit" && part.encoding !== "8bit" && part.encoding !== "binary";
}
