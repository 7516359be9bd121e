import type { EnvelopeRecipient } from "#core/index.ts";
import { unwrap } from "#journal/index.ts";
import { readMessage } from "#mail/index.ts";
import { writeReport } from "../support/report-writer.ts";

/** What one hostile message came to. */
export interface HostileResult {
  name: string;
  /** Of the report around the message. */
  bytes: number;
  recipients: number;
  parts: number;
  /** Codes of what the reader found wrong with it. */
  defects: string[];
  /** Whether the message came out of the report byte for byte. */
  isWhole: boolean;
  /** Time to read and unwrap, in milliseconds of the machine it ran on. */
  ms: number;
}

interface Case {
  name: string;
  message: string;
  recipients?: number;
}

const mixed = (boundary: string): string => `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n`;

/** RFC 2231 §3: one name in numbered sections. */
const sections = (count: number): string =>
  Array.from({ length: count }, (_, index) => `;\r\n name*${index}=x`).join("");

/** Messages that are made to be expensive, one after the other so that only one is in memory; `scale` 1 is the full form. */
function* cases(scale: number): Generator<Case> {
  const many = (count: number) => Math.ceil(count * scale);
  yield { name: "recipients of a report", message: "Subject: s\r\n\r\nx", recipients: many(500_000) };
  yield { name: "addresses in a field", message: `To: ${"a@x.example, ".repeat(many(500_000))}b@x\r\n\r\nx` };
  yield { name: "address fields", message: "Cc: a@x.example\r\n".repeat(many(500_000)) + "\r\nx" };
  yield { name: "parts", message: `${mixed("b")}${"--b\r\n\r\nx\r\n".repeat(many(1_000_000))}--b--` };
  yield { name: "messages within messages", message: "Content-Type: message/rfc822\r\n\r\n".repeat(many(10_000)) };
  const level = (_: unknown, index: number) => `${mixed(`b${index}`)}--b${index}\r\n`;
  yield { name: "multiparts within multiparts", message: Array.from({ length: many(10_000) }, level).join("") };
  yield { name: "multiparts of one boundary", message: `${mixed("b")}--b\r\n`.repeat(many(10_000)) };
  yield { name: "a field of a megabyte", message: `Subject: ${"x".repeat(many(1_000_000))}\r\n\r\nx` };
  yield { name: "a field of a megabyte, folded", message: `Subject: ${"x\r\n ".repeat(many(250_000))}\r\n\r\nx` };
  yield { name: "a boundary of a megabyte", message: `${mixed("b".repeat(many(1_000_000)))}x` };
  yield { name: "groups within groups", message: `To: ${"a:".repeat(many(10_000))};\r\n\r\nx` };
  yield { name: "comments within comments", message: `To: ${"(".repeat(many(1_000_000))}\r\n\r\nx` };
  yield { name: "encoded words", message: `Subject: ${"=?utf-8?q?=41?= ".repeat(many(60_000))}\r\n\r\nx` };
  yield { name: "names of fields", message: Array.from({ length: many(50_000) }, (_, n) => `X-${n}: v\r\n`).join("") };
  const html = "Content-Type: text/html\r\n\r\n";
  yield { name: "openings of tags", message: `${html}${"<".repeat(many(1_000_000))}` };
  yield { name: "openings of attributes", message: `${html}${"<a b=\"c' d='".repeat(many(100_000))}` };
  yield { name: "openings of comments", message: `${html}${"<!-".repeat(many(300_000))}` };
  yield { name: "elements within elements", message: `${html}${"<div>".repeat(many(200_000))}` };
  yield { name: "references to characters", message: `${html}${"&#x41&amp&".repeat(many(100_000))}` };
  const encoded = (encoding: string) => `Content-Transfer-Encoding: ${encoding}\r\n\r\n`;
  yield { name: "soft line breaks", message: `${encoded("quoted-printable")}${"=\r\n".repeat(many(300_000))}` };
  yield {
    name: "blanks behind equals signs",
    message: `${encoded("quoted-printable")}=${" ".repeat(many(1_000_000))}x`,
  };
  yield { name: "paddings in base64", message: `${encoded("base64")}${"QQ==!".repeat(many(200_000))}` };
  yield { name: "beginnings of files", message: `${encoded("x-uuencode")}${"begin 644 a\r\n".repeat(many(80_000))}` };
  const type = "Content-Type: text/plain";
  yield { name: "sections of a name", message: `${type}${sections(many(20_000))}\r\n\r\nx` };
  yield { name: "names of a part", message: `${type}${'; name="a.exe"'.repeat(many(20_000))}\r\n\r\nx` };
  yield { name: "a name of a megabyte", message: `${type}; name="${"x".repeat(many(1_000_000))}.pdf"\r\n\r\nx` };
  yield { name: "ids of other messages", message: `References: ${"<a@x> ".repeat(many(170_000))}\r\n\r\nx` };
  yield { name: "stray lines of a header", message: `A: b\r\n${"x\r\nc: d\r\n".repeat(many(100_000))}\r\nx` };
  yield { name: "fields of the prototype", message: "__proto__: a\r\nconstructor: b\r\n".repeat(many(50_000)) };
}

/** A report around one hostile message. */
export interface HostileReport {
  name: string;
  /** The message. */
  inner: Buffer;
  report: Buffer;
  /** How many recipients the report names: `p0@x.example` and so on. */
  recipients: number;
}

/**
 * A report around each hostile message, made when it is asked for.
 *
 * @param scale 1 is the full form of the hostile rows, less is as much less
 */
export function* hostileReports(scale: number): Generator<HostileReport> {
  for (const { name, message, recipients = 1 } of cases(scale)) {
    const inner = Buffer.from(message);
    const report = writeReport({
      ...{ dialect: "eej2007", encoding: "8bit", sender: "a@x.example", messageId: "<1@x.example>", subject: null },
      recipients: Array.from({ length: recipients }, (_, index): EnvelopeRecipient => {
        return { address: `p${index}@x.example`, role: "to", relation: "direct", via: null, source: "report" };
      }),
      message: inner,
    });
    yield { name, inner, report, recipients };
  }
}

/**
 * Unwraps a report around each hostile message.
 *
 * @param scale as in {@link hostileReports}
 * @param elapsedMs a clock that only goes forward
 */
export function* hostileRun(scale: number, elapsedMs: () => number): Generator<HostileResult> {
  for (const { name, inner, report } of hostileReports(scale)) {
    const begun = elapsedMs();
    const outer = readMessage(report);
    const found = unwrap(report, outer);
    const bytes = found.kind === "report" ? report.subarray(found.inner.start, found.inner.end) : Buffer.alloc(0);
    const reading = readMessage(bytes);
    yield {
      name,
      bytes: report.length,
      recipients: found.kind === "report" ? found.envelope.recipients.length : 0,
      parts: reading.parts.length,
      defects: [...new Set(reading.defects.map(({ code }) => code))],
      isWhole: inner.equals(bytes),
      ms: Math.round(elapsedMs() - begun),
    };
  }
}
