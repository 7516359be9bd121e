import assert from "node:assert/strict";
import { test } from "node:test";
import { type MailReading, readMessage } from "./index.ts";
import {
  addressesMax,
  addressFieldBytesMax,
  boundaryBytesMax,
  depthMax,
  headerFieldBytesMax,
  headerFieldsMax,
  partsMax,
  readingsMax,
  referencesMax,
  textCharsMax,
  viewCharsMax,
} from "./limits.ts";

/** One limit: a message of a size, what is counted in it, and the defect that one too many brings. */
interface Limit {
  max: number;
  messageOf(size: number): string;
  count(reading: MailReading): number;
  defect: string | null;
}

const multipart = "Content-Type: multipart/mixed; boundary=b\n\n";

const limits: Record<string, Limit> = {
  "nested messages": {
    max: depthMax,
    messageOf: (size) => "Content-Type: message/rfc822\n\n".repeat(size) + "\nbody",
    count: ({ parts }) => parts.at(-1)!.depth,
    defect: "depth_exceeded",
  },
  "nested multiparts": {
    max: depthMax,
    messageOf: (size) =>
      Array.from({ length: size }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`).join("") +
      "\nbody\n" +
      Array.from({ length: size }, (_, n) => `--b${size - 1 - n}--\n`).join(""),
    count: ({ parts }) => parts.at(-1)!.depth,
    defect: "depth_exceeded",
  },
  parts: {
    max: partsMax - 1,
    messageOf: (size) => multipart + "--b\n\nx\n".repeat(size) + "--b--",
    count: ({ parts }) => parts.length - 1,
    defect: "parts_exceeded",
  },
  "header fields": {
    max: headerFieldsMax,
    messageOf: (size) => "a: b\n".repeat(size) + "\nbody",
    count: ({ fields }) => fields.length,
    defect: "header_fields_excess",
  },
  "bytes of a field": {
    max: headerFieldBytesMax - 1,
    messageOf: (size) => `Subject: ${"a".repeat(size)}\n\nbody`,
    count: ({ headers }) => headers.subject.length,
    defect: "header_field_long",
  },
  "bytes of an address field": {
    max: addressFieldBytesMax - 1,
    messageOf: (size) => `To: ${"a".repeat(size)}\n\nbody`,
    count: ({ headers }) => headers.to[0]!.address.length,
    defect: "header_field_long",
  },
  "addresses in one field": {
    max: addressesMax,
    messageOf: (size) => `To: ${"a@x, ".repeat(size)}\n\nbody`,
    count: ({ headers }) => headers.to.length,
    defect: "addresses_excess",
  },
  "addresses in many fields": {
    max: addressesMax,
    messageOf: (size) => "To: a@x\n".repeat(9_990) + `To: ${"b@x, ".repeat(size - 9_990)}\n\nbody`,
    count: ({ headers }) => headers.to.length,
    defect: "addresses_excess",
  },
  references: {
    max: referencesMax,
    messageOf: (size) => `References: ${"<a@x> ".repeat(size)}\n\nbody`,
    count: ({ headers }) => headers.references.length,
    defect: null,
  },
  text: {
    max: textCharsMax,
    // Within a message inside it is searched but not viewed, so that only one limit is met.
    messageOf: (size) => "Content-Type: message/rfc822\n\n\n" + "a".repeat(size),
    count: ({ text }) => text.length,
    defect: "text_truncated",
  },
  "plain text to view": {
    max: viewCharsMax,
    messageOf: (size) => "\n" + "a".repeat(size),
    count: ({ plain }) => plain!.length,
    defect: "text_truncated",
  },
  "HTML to view": {
    max: viewCharsMax,
    messageOf: (size) => "Content-Type: text/html\n\n" + "a".repeat(size),
    count: ({ html }) => html!.length,
    defect: "text_truncated",
  },
  readings: {
    max: readingsMax,
    messageOf: (size) =>
      multipart +
      "--b\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\na2l3aQ==\n".repeat(size) +
      "--b--",
    count: ({ text }) => text.split("kiwi").length - 1,
    defect: "readings_excess",
  },
};

for (const [name, { max, messageOf, count, defect }] of Object.entries(limits)) {
  test(`reads ${max} of ${name} and not one more`, () => {
    const codesOf = (reading: MailReading) => reading.defects.map(({ code }) => code);
    const within = readMessage(Buffer.from(messageOf(max)));
    const beyond = readMessage(Buffer.from(messageOf(max + 1)));
    assert.deepEqual([count(within), count(beyond)], [max, max]);
    if (defect !== null) {
      assert.ok(!codesOf(within).includes(defect));
      assert.ok(codesOf(beyond).includes(defect));
    }
  });
}

test("honours a boundary of the longest kind and reads the body as text when it is longer", () => {
  const parts = [boundaryBytesMax, boundaryBytesMax + 1].map((length) => {
    const boundary = "b".repeat(length);
    const head = `Content-Type: multipart/mixed; boundary=${boundary}\n\n`;
    return readMessage(Buffer.from(`${head}--${boundary}\n\nkiwi\n--${boundary}--`)).parts.length;
  });
  assert.deepEqual(parts, [2, 1]);
});

const hostile: Record<string, string> = {
  "carriage returns": "\r".repeat(2_000_000),
  "header fields of nothing": "a:\n".repeat(700_000),
  "a line without end": "a".repeat(2_000_000),
  "lines that nearly are delimiters": multipart + "--c\n".repeat(500_000),
  "closing delimiters": multipart + "--b--\n".repeat(300_000),
  "stray header lines": "a: b\n" + "x\nc: d\n".repeat(300_000),
  "boundaries that are not named": "Content-Type: multipart/mixed\n\n".repeat(60_000),
  "multiparts of one boundary in each other": `${multipart}--b\n`.repeat(30_000) + "--b--\n".repeat(60_000),
  "500,000 address fields": "To: a@x\n".repeat(500_000) + "\n",
  "a million parts": multipart + "--b\n\n".repeat(1_000_000),
  parameters: `Content-Type: text/plain${"; a*1=b".repeat(300_000)}\n\n`,
  "encoded words": `Subject: ${"=?utf-8?Q?a?= ".repeat(100_000)}\n\n`,
  "openings of encoded words": `Subject: ${"=?a?B?".repeat(300_000)}\n\n`,
  "HTML beside much plain text": `Content-Type: multipart/alternative; boundary=b\n\n--b\n\n${"word ".repeat(200_000)}\n${"--b\nContent-Type: text/html\n\n<p>x\n".repeat(9_000)}`,
};
for (const [name, bytes] of Object.entries(hostile)) {
  test(`reads ${name} in one pass`, { timeout: 60_000 }, () => {
    assert.ok(readMessage(Buffer.from(bytes)).parts.length > 0);
  });
}
