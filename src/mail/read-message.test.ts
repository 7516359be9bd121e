import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePart, decodeText, type MailReading, readMessage } from "./index.ts";

/** A message of these lines, with CRLF. */
function message(...lines: string[]): Buffer {
  return Buffer.from(lines.join("\r\n"));
}

function codes(reading: MailReading): string[] {
  return [...new Set(reading.defects.map(({ code }) => code))].sort();
}

function partAt(reading: MailReading, path: string) {
  const part = reading.parts.find((each) => each.path === path);
  assert.ok(part, `no part ${path}`);
  return part;
}

const mixed = [
  "From: Ann <ann@example.com>",
  "Subject: Two",
  "Content-Type: multipart/mixed; boundary=b",
  "",
  "preamble",
  "--b",
  "Content-Type: text/plain",
  "",
  "first",
  "",
  "--b",
  "Content-Type: application/pdf; name=a.pdf",
  "Content-Disposition: attachment; filename=a.pdf",
  "Content-Transfer-Encoding: base64",
  "",
  "SGVsbG8=",
  "--b--",
  "epilogue",
];

test("lists the parts in order with the spans of their bodies, the delimiter's line end left out", () => {
  const bytes = message(...mixed);
  const reading = readMessage(bytes);
  assert.deepEqual(
    reading.parts.map(({ path, depth, type, body }) => [
      path,
      depth,
      type,
      bytes.toString("latin1", body.start, body.end),
    ]),
    [
      ["", 0, "multipart/mixed", mixed.slice(4).join("\r\n")],
      ["1", 1, "text/plain", "first\r\n"],
      ["2", 1, "application/pdf", "SGVsbG8="],
    ],
  );
  assert.deepEqual(codes(reading), []);
  assert.equal(Buffer.from(decodePart(bytes, partAt(reading, "2"))).toString(), "Hello");
});

for (const [name, end] of Object.entries({ LF: "\n", CR: "\r", "CR CR LF": "\r\r\n" })) {
  test(`reads mail whose lines end in ${name} like any other`, () => {
    const usual = readMessage(message(...mixed));
    const bytes = Buffer.from(mixed.join(end));
    const reading = readMessage(bytes);
    const facts = ({ headers, parts, defects }: MailReading) => [
      headers,
      parts.map(({ path, type, filename, encoding }) => [path, type, filename, encoding]),
      defects,
    ];
    assert.deepEqual(facts(reading), facts(usual));
    assert.deepEqual(reading.text.split(/\n+/), usual.text.split(/\n+/));
    assert.equal(Buffer.from(decodePart(bytes, partAt(reading, "2"))).toString(), "Hello");
  });
}

test("reads mail whose lines end in every way at once", () => {
  const ends = ["\r\n", "\n", "\r"];
  // A CR before an empty line would be taken together with its line end.
  const endOf = (index: number) => (mixed[index + 1] === "" ? "\n" : ends[index % 3]);
  const bytes = Buffer.from(mixed.map((line, index) => line + endOf(index)).join(""));
  const reading = readMessage(bytes);
  assert.deepEqual(
    reading.parts.map(({ path, filename }) => [path, filename]),
    [
      ["", null],
      ["1", null],
      ["2", "a.pdf"],
    ],
  );
  assert.equal(reading.headers.subject, "Two");
  assert.deepEqual(codes(reading), ["line_ends_mixed"]);
});

test("decodes the facts of the header", () => {
  const { headers } = readMessage(
    message(
      "Received: from a by b; Tue, 7 Jan 2025 10:00:00 +0100",
      "Received: from c by d; Mon, 6 Jan 2025 10:00:00 +0100",
      "From: =?utf-8?Q?Andr=C3=A9?= <andre@example.com>",
      "Sender: secretary@example.com",
      "Reply-To: reply@example.com",
      "To: a@x,",
      "\tb@x",
      "Cc: c@x",
      "bCC: d@x",
      "Subject: =?utf-8?B?R3LDvA==?=",
      " =?utf-8?B?w59l?= to",
      "\tall",
      "Message-ID:",
      " <1@x>",
      "In-Reply-To: <0@x> (yours)",
      "References: <a@x>",
      " <b@x>",
      "Date: Mon, 06 Jan 2025 09:00:05 +0000",
      "",
      "",
    ),
  );
  assert.deepEqual(headers, {
    from: [{ name: "André", address: "andre@example.com" }],
    sender: [{ name: "", address: "secretary@example.com" }],
    replyTo: [{ name: "", address: "reply@example.com" }],
    to: [
      { name: "", address: "a@x" },
      { name: "", address: "b@x" },
    ],
    cc: [{ name: "", address: "c@x" }],
    bcc: [{ name: "", address: "d@x" }],
    subject: "Grüße to all",
    messageId: "<1@x>",
    inReplyTo: "<0@x>",
    references: ["<a@x>", "<b@x>"],
    date: Date.parse("2025-01-06T09:00:05Z"),
    receivedAt: Date.parse("2025-01-07T09:00:00Z"),
  });
});

test("reads raw bytes in a header as UTF-8, or else as windows-1252, and removes control characters", () => {
  assert.equal(readMessage(message("Subject: Gr\u00fc\u0007\u0000n", "", "")).headers.subject, "Grün");
  const latin = readMessage(Buffer.from("Subject: Gr\xfcn\r\n\r\n", "latin1"));
  assert.equal(latin.headers.subject, "Grün");
  assert.deepEqual(codes(latin), ["header_not_utf8"]);
});

test("lists the fields of the outermost header in order, names lower-cased, hostile names like any other", () => {
  const bytes = message("B: 1", "__proto__: 2", "constructor: 3", "a:", "B: 4", "", "c: 5");
  const { fields } = readMessage(bytes);
  assert.deepEqual(
    fields.map(({ name, value }) => [name, bytes.toString("latin1", value.start, value.end)]),
    [
      ["b", " 1"],
      ["__proto__", " 2"],
      ["constructor", " 3"],
      ["a", ""],
      ["b", " 4"],
    ],
  );
});

test("walks a message within a message and finds its text, subject and people, but shows only the outer body", () => {
  const reading = readMessage(
    message(
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "",
      "outer",
      "--b",
      "Content-Type: message/rfc822",
      "",
      "Subject: Kiwi",
      "From: pear@example.com",
      "Content-Type: multipart/alternative; boundary=c",
      "",
      "--c",
      "Content-Type: text/html",
      "",
      "<p>inner",
      "--c--",
      "--b--",
    ),
  );
  assert.deepEqual(
    reading.parts.map(({ path, depth, isContainer }) => [path, depth, isContainer]),
    [
      ["", 0, true],
      ["1", 1, false],
      ["2", 1, true],
      ["2.0", 2, true],
      ["2.0.1", 3, false],
    ],
  );
  assert.deepEqual([reading.plain, reading.html], ["outer", null]);
  assert.deepEqual(reading.text.split("\n"), ["outer", "Kiwi", "pear@example.com", "inner"]);
});

test("names the message within an outermost message/rfc822 part 0", () => {
  const reading = readMessage(message("Content-Type: message/rfc822", "", "Subject: in", "", "body"));
  assert.deepEqual(
    reading.parts.map(({ path }) => path),
    ["", "0"],
  );
});

test("takes parts of a digest for messages", () => {
  const reading = readMessage(
    message("Content-Type: multipart/digest; boundary=b", "", "--b", "", "Subject: one", "", "text", "--b--"),
  );
  assert.deepEqual(
    reading.parts.map(({ path, type }) => [path, type]),
    [
      ["", "multipart/digest"],
      ["1", "message/rfc822"],
      ["1.0", "text/plain"],
    ],
  );
});

const alternatives: Record<string, [plain: string, html: string, text: string]> = {
  "the plain one when both say the same": ["Hello Ann, bye", "<p>Hello</p> <b>Ann</b>, bye", "Hello Ann, bye"],
  "what only the HTML says too": ["no HTML here", "<p>no HTML here</p><p>real words</p>", "no HTML here\nreal words"],
  "the HTML beside an empty plain one": ["", "<p>words</p>", "\nwords"],
};
for (const [name, [plain, html, text]] of Object.entries(alternatives)) {
  test(`of alternatives searches ${name}`, () => {
    const head = "Content-Type: multipart/alternative; boundary=b";
    const bytes = message(head, "", "--b", "", plain, "--b", "Content-Type: text/html", "", html, "--b--");
    const reading = readMessage(bytes);
    assert.deepEqual([reading.text, reading.plain, reading.html], [text, plain, html]);
  });
}

test("does not search attachments, but the body of a message that calls itself one", () => {
  const part = ["Content-Disposition: attachment", "", "kiwi"];
  assert.equal(readMessage(message(...part)).text, "kiwi");
  const reading = readMessage(message("Content-Type: multipart/mixed; boundary=b", "", "--b", ...part, "--b--"));
  assert.deepEqual([reading.text, reading.plain], ["", null]);
});

test("takes the charset of HTML without one from its meta element", () => {
  const head = "Content-Type: text/html\r\n\r\n<meta charset=koi8-r>";
  assert.equal(readMessage(Buffer.from(head + "\xf0\xd2", "latin1")).text, "Пр");
});

test("gives the text of a part with its line ends made one", () => {
  const bytes = Buffer.from("Content-Type: text/plain; charset=iso-8859-1\r\n\r\na\r\nb\rc\n\xfc", "latin1");
  assert.equal(decodeText(bytes, readMessage(bytes).parts[0]!), "a\nb\nc\nü");
});

test("gives content ids without brackets and types without parameters", () => {
  const part = readMessage(message("Content-Type: IMAGE/PNG (c) ; x=y", "Content-ID: <a@x>", "", "")).parts[0]!;
  assert.deepEqual([part.type, part.contentId, part.disposition], ["image/png", "a@x", null]);
});

test("reads the same bytes in a plain Uint8Array at any offset of its memory", () => {
  const bytes = message(...mixed);
  const shifted = new Uint8Array(bytes.length + 7);
  shifted.set(bytes, 7);
  assert.deepEqual(readMessage(shifted.subarray(7)), readMessage(bytes));
});
