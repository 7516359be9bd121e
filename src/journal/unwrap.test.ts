import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readMessage } from "#mail/index.ts";
import { corpusFile, corpusFiles } from "../../test/corpus.ts";
import { type Unwrapping, unwrap } from "./index.ts";
import { reportBytesMax } from "./limits.ts";

type Report = Extract<Unwrapping, { kind: "report" }>;

function unwrapBytes(bytes: Uint8Array): Unwrapping {
  return unwrap(bytes, readMessage(bytes));
}

function reportOf(bytes: Uint8Array): Report {
  const unwrapped = unwrapBytes(bytes);
  assert.equal(unwrapped.kind, "report", JSON.stringify(unwrapped));
  return unwrapped as Report;
}

function innerOf(bytes: Uint8Array, { inner, decoded }: Report): Buffer {
  return Buffer.from(decoded ?? bytes.subarray(inner.start, inner.end));
}

const genuine: [name: string, sender: string, recipient: string][] = [
  ["o365_journaled", "ap@someothercompany.com", "lulu.zingzing@company.com"],
  ["phish_me", "CWare@company.com", "valvphish@integraldefense.com"],
  ["splunk_logging", "unixfreak0037@gmail.com", "jwdavison@company.com"],
];
for (const [name, sender, address] of genuine) {
  test(`unwraps one layer of the genuine report ${name}, sure of it`, () => {
    const bytes = corpusFile(`journal-ace/${name}.email.rfc822`);
    const report = reportOf(bytes);
    assert.deepEqual(report.envelope, {
      sender,
      onBehalfOf: null,
      recipients: [{ address, role: "unknown", relation: "direct", via: null, source: "report" }],
    });
    assert.equal(report.confidence, 1);
    const message = innerOf(bytes, report);
    assert.equal(readMessage(message).headers.messageId, report.messageId);
    assert.equal(readMessage(message).headers.subject, report.subject);
    assert.ok(
      bytes
        .subarray(report.inner.end)
        .toString("latin1")
        .match(/^\r?\n--_[0-9a-f-]{36}_--\s*$/),
    );
  });
}

test("reads the block of recipients that an export wrote", () => {
  const report = reportOf(corpusFile("journal-eml-helper/journal_report_pst_export.eml"));
  assert.deepEqual(report.envelope.recipients, [
    { address: "bob@example.com", role: "to", relation: "direct", via: null, source: "report" },
  ]);
  assert.ok(report.reasons.includes("recipients are listed in a block"));
});

test("leaves a message alone that has the marker and is no report", () => {
  const unwrapped = unwrapBytes(corpusFile("journal-eml-helper/not_a_journal_email_with_email_attachment.eml"));
  assert.deepEqual(unwrapped, {
    kind: "not_report",
    reasons: [
      "header field x-ms-journal-report",
      "it is not multipart/mixed",
      "no plain text stands before a wrapped message",
    ],
  });
});

test("takes no other mail of the corpus for a report", () => {
  for (const { name, bytes } of corpusFiles("mime-", "multilingual-", "hostile-", "smime-", "outlook-")) {
    const { kind } = unwrapBytes(bytes);
    assert.ok(kind !== "report" && kind !== "unreadable", `${name}: ${kind}`);
  }
});

/** A report in bytes around any message that does not hold the boundary. */
function wrap(text: string, message: Uint8Array, head = "X-MS-Journal-Report:"): Buffer {
  return Buffer.concat([
    Buffer.from(`${head}\r\nContent-Type: multipart/mixed; boundary=zz\r\n\r\n--zz\r\n`),
    Buffer.from(
      `Content-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n--zz\r\nContent-Type: message/rfc822\r\n\r\n`,
    ),
    message,
    Buffer.from("\r\n--zz--\r\n"),
  ]);
}

const plainText = "Sender: a@x\r\nMessage-Id: <1@x>\r\nTo: b@x\r\n";

test("gives back whatever bytes were wrapped", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (noise) => {
      const message = Buffer.concat([Buffer.from("Subject: s\r\n\r\n"), noise]);
      const bytes = wrap(plainText, message);
      assert.deepEqual(innerOf(bytes, reportOf(bytes)), message);
    }),
  );
});

const hardToRead: Record<string, string> = {
  "more parts than are read":
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\nx\r\n".repeat(10_100) + "--b--",
  "messages nested too deep": "Content-Type: message/rfc822\r\n\r\n".repeat(150) + "end",
  "multiparts that never end": "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(50) + "end",
};
for (const [what, message] of Object.entries(hardToRead)) {
  test(`gives back a wrapped message with ${what}, no less sure of the report`, () => {
    const bytes = wrap(plainText, Buffer.from(message));
    const report = reportOf(bytes);
    assert.equal(innerOf(bytes, report).toString(), message);
    assert.equal(report.confidence, 0.6);
  });
}

test("any bytes behind a marker can be unwrapped", () => {
  const bytes = wrap(plainText, Buffer.from("Subject: s\r\n\r\nbody"));
  const edit = fc.record({ at: fc.nat(bytes.length), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 5 }) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let changed: Buffer = bytes;
      for (const { at, cut, put } of edits) {
        changed = Buffer.concat([changed.subarray(0, at), put, changed.subarray(at + cut)]);
      }
      const unwrapped = unwrapBytes(changed);
      if (unwrapped.kind !== "report") return;
      assert.ok(unwrapped.inner.start < unwrapped.inner.end && unwrapped.inner.end <= changed.length);
    }),
    { numRuns: 300 },
  );
});

test("reads a hundred thousand recipients", { timeout: 60_000 }, () => {
  const lines = Array.from({ length: 100_000 }, (_, index) => `To: p${index}@example.com, Expanded: all@example.com`);
  const bytes = wrap(`Sender: a@x\r\n${lines.join("\r\n")}\r\n`, Buffer.from("Subject: s\r\n\r\nbody"));
  const { recipients } = reportOf(bytes).envelope;
  assert.equal(recipients.length, 100_000);
  assert.deepEqual(recipients.at(-1), {
    address: "p99999@example.com",
    role: "to",
    relation: "expanded",
    via: "all@example.com",
    source: "report",
  });
});

test("reads a report text up to its limit and gives up on a longer one", () => {
  const kinds = [0, 1].map((more) => {
    const padding = " ".repeat(reportBytesMax - plainText.length + more);
    return unwrapBytes(wrap(plainText + padding, Buffer.from("Subject: s\r\n\r\nbody"))).kind;
  });
  assert.deepEqual(kinds, ["report", "unreadable"]);
});

const confidences: [what: string, head: string, text: string, confidence: number][] = [
  ["nothing but marker, shape and text", "X-MS-Journal-Report:", plainText, 0.6],
  ["a sender that is Exchange", "X-MS-Journal-Report:\r\nSender: Microsoft Exchange <x@y>", plainText, 0.8],
  ["a generator's Message-ID", "X-MS-Journal-Report:\r\nMessage-ID: <1@journal.report.generator>", plainText, 0.7],
  ["the same parent", "X-MS-Journal-Report:\r\nX-MS-Exchange-Parent-Message-Id:\r\n <1@x>", plainText, 0.7],
  ["another parent", "X-MS-Journal-Report:\r\nX-MS-Exchange-Parent-Message-Id: <2@x>", plainText, 0.6],
  ["no sender", "X-MS-Journal-Report:", "Message-Id: <1@x>\r\nTo: b@x\r\n", 0.5],
  ["only empty recipients", "X-MS-Journal-Report:", "Sender: a@x\r\nMessage-Id: <1@x>\r\nTo:\r\n", 0.4],
];
for (const [what, head, text, confidence] of confidences) {
  test(`is sure to ${confidence} with ${what}`, () => {
    assert.equal(reportOf(wrap(text, Buffer.from("Subject: s\r\n\r\nbody"), head)).confidence, confidence);
  });
}
