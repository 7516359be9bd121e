import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DotReader, type EnvelopeRecipient } from "#core/index.ts";
import { readMessage } from "#mail/index.ts";
import { corpusFile, corpusFiles } from "../../test/corpus.ts";
import { anyReport, type WrittenReport, writeBounce, writeReport } from "../../test/support/report-writer.ts";
import { unwrap } from "./index.ts";

/** What was read, in the words of what was written. */
function readBack(bytes: Buffer) {
  const found = unwrap(bytes, readMessage(bytes));
  assert.equal(found.kind, "report", JSON.stringify(found));
  if (found.kind !== "report") throw new Error("unreachable");
  const { dialect, envelope, subject, messageId, inner, decoded } = found;
  const message = Buffer.from(decoded ?? bytes.subarray(inner.start, inner.end));
  return { dialect, sender: envelope.sender, recipients: envelope.recipients, subject, messageId, message };
}

const written = ({ encoding: _, message, ...facts }: WrittenReport) => ({ ...facts, message: Buffer.from(message) });

test("a report that is written and read is the same, in every form and encoding", () => {
  fc.assert(fc.property(anyReport, (report) => assert.deepEqual(readBack(writeReport(report)), written(report))));
});

test("a report comes out of a bounce as it went in", () => {
  const inBounce = fc.property(anyReport, (report) =>
    assert.deepEqual(readBack(writeBounce(writeReport(report))), { ...written(report), dialect: "dsn_report" }),
  );
  fc.assert(inBounce, { numRuns: 50 });
});

/** The body as SMTP and POP3 send it, cut at the places given, and put together again by our own reader of it. */
function throughTheWire(bytes: Buffer, cuts: readonly number[]): Buffer {
  const stuffed = bytes.toString("latin1").replace(/(^|\r\n)\./g, "$1..");
  const sent = Buffer.from(`${stuffed}.\r\n`, "latin1");
  const places = [...new Set(cuts.map((cut) => cut % sent.length))].sort((a, b) => a - b);
  const reader = new DotReader();
  const content: Uint8Array[] = [];
  let from = 0;
  for (const to of [...places, sent.length]) {
    const piece = reader.take(sent.subarray(from, to), 0);
    content.push(piece.content);
    assert.equal(piece.ended, to === sent.length);
    from = to;
  }
  return Buffer.concat(content);
}

test("a report that is sent in pieces, wherever they are cut, is read as it was written", () => {
  fc.assert(
    fc.property(anyReport, fc.array(fc.nat(), { maxLength: 20 }), (report, cuts) => {
      const bytes = Buffer.concat([writeReport(report), Buffer.from("\r\n")]);
      const arrived = throughTheWire(bytes, cuts);
      assert.deepEqual(arrived, bytes);
      assert.deepEqual(readBack(arrived), readBack(bytes));
    }),
  );
});

test("ten thousand recipients come back, each with its list", () => {
  const [sample] = fc.sample(anyReport, { numRuns: 1, seed: 1 });
  const recipients = Array.from({ length: 10_000 }, (_, index): EnvelopeRecipient => {
    const [address, via] = [`p${index}@example.com`, `list${index % 7}@example.com`];
    return { address, role: "bcc", relation: "expanded", via, source: "report" };
  });
  const report: WrittenReport = { ...sample!, dialect: "eej2007", subject: "s", encoding: "base64", recipients };
  assert.deepEqual(readBack(writeReport(report)).recipients, recipients);
});

test("every bounce of the corpus that shows itself as one is called so, whatever its line ends", () => {
  const kinds = new Map<string, Map<string, number>>();
  for (const { name, bytes } of corpusFiles("dsn-")) {
    const { kind } = unwrap(bytes, readMessage(bytes));
    const folder = name.split("/")[2]!;
    const counts = kinds.get(folder) ?? new Map<string, number>();
    kinds.set(folder, counts.set(kind, (counts.get(kind) ?? 0) + 1));
    assert.ok(["bounce", "not_report", "copy"].includes(kind), `${name}: ${kind}`);
  }
  const of = (folder: string) => Object.fromEntries(kinds.get(folder)!);
  // What is left names no mail system as its author and has no status part: mail of people, by all that can be seen.
  assert.deepEqual(of("bsd"), { bounce: 539, not_report: 85, copy: 5 });
  assert.deepEqual(of("dos"), { bounce: 67, not_report: 12, copy: 1 });
  assert.deepEqual(of("mac"), of("dos"));
  assert.deepEqual(of("not"), { not_report: 3 });
});

test("the samples that came as text are classified as their notes say", () => {
  const kindOf = (name: string) => {
    const bytes = corpusFile(`journal-eml-helper/${name}.eml`);
    return unwrap(bytes, readMessage(bytes)).kind;
  };
  assert.equal(kindOf("journal_report_pst_export"), "report");
  assert.equal(kindOf("not_a_journal_email_with_email_attachment"), "not_report");
});
