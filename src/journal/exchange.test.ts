import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EnvelopeRecipient, RecipientRelation, RecipientRole } from "#core/index.ts";
import { readExchangeReport } from "./exchange.ts";
import { quotedCharsMax, quotedLinesMax } from "./limits.ts";
import { isReadable } from "./report-text.ts";

const words: Record<RecipientRole, string> = { to: "To", cc: "Cc", bcc: "Bcc", unknown: "Recipient" };
const relations: Record<RecipientRelation, string> = {
  direct: "",
  expanded: ", Expanded: ",
  forwarded: ", Forwarded: ",
};

interface Facts {
  sender: string | null;
  onBehalfOf: string | null;
  subject: string | null;
  messageId: string | null;
  label: string | null;
  recipients: EnvelopeRecipient[];
}

/** The report text that Exchange would write of these facts. */
function write(facts: Facts): string {
  const lines = [
    ["Sender", facts.sender],
    ["Subject", facts.subject],
    ["Message-Id", facts.messageId],
    ["On-Behalf-Of", facts.onBehalfOf],
    ["Label", facts.label],
  ].flatMap(([word, value]) => (value === null ? [] : [`${word}: ${value}\n`]));
  const recipients = facts.recipients.map(
    ({ role, address, relation, via }) => `${words[role]}: ${address}${relations[relation]}${via ?? ""}\n`,
  );
  return [...lines, ...recipients].join("");
}

const address = fc.oneof(fc.emailAddress(), fc.constantFrom('"a, b"@x', "/o=a/cn=b", "<>", "jürgen@x", "a@b."));
const line = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, "").trim());
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const recipient: fc.Arbitrary<EnvelopeRecipient> = fc
  .record({
    address,
    role: fc.constantFrom<RecipientRole>("to", "cc", "bcc", "unknown"),
    relation: fc.constantFrom<RecipientRelation>("direct", "expanded", "forwarded"),
    list: address,
  })
  .map(({ list, ...rest }) => ({ ...rest, via: rest.relation === "direct" ? null : list, source: "report" }));

test("what is written of an envelope is what is read", () => {
  const facts = fc.record(
    {
      sender: optional(address),
      onBehalfOf: optional(address),
      subject: optional(line),
      messageId: optional(line),
      label: optional(line),
      recipients: fc.array(recipient, { minLength: 1, maxLength: 30 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(facts, (written) => {
      const { remarks, hasRecipientLine, ...read } = readExchangeReport(write(written));
      assert.deepEqual(read, written);
      assert.deepEqual([remarks, hasRecipientLine], [[], true]);
    }),
  );
});

test("any text can be read as a report", () => {
  const pieces = fc.constantFrom(
    "To: ",
    "Recipient:",
    "recipients:",
    "Sender: ",
    "\n",
    " ",
    ",",
    "Expanded:",
    '"',
    "\\",
    "(To)",
    "a@b",
    ":",
    "(",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (list) => {
      const report = readExchangeReport(list.join(""));
      for (const { address } of report.recipients) assert.ok(address !== "" && address === address.trim());
    }),
  );
});

const recipients: [line: string, address: string, relation: RecipientRelation, via: string | null][] = [
  ["TO: a@x", "a@x", "direct", null],
  ["to:a@x", "a@x", "direct", null],
  ["To: a@x,Expanded: l@x", "a@x", "expanded", "l@x"],
  ["To: a@x, EXPANDED:l@x", "a@x", "expanded", "l@x"],
  ["To: a@x, Forwarded: ", "a@x", "forwarded", ""],
  ['To: "a, Expanded: b"@x', '"a, Expanded: b"@x', "direct", null],
  ['To: "a, Expanded: b"@x, Forwarded: c@x', '"a, Expanded: b"@x', "forwarded", "c@x"],
  ['To: "a@x, Expanded: l@x', '"a@x', "expanded", "l@x"],
  ["To: a@x, Expanded: l@x, Forwarded: m@x", "a@x", "expanded", "l@x, Forwarded: m@x"],
  ["To: a@x, b@x", "a@x, b@x", "direct", null],
];
for (const [text, address, relation, via] of recipients) {
  test(`reads ${text}`, () => {
    assert.deepEqual(readExchangeReport(text).recipients, [{ address, role: "to", relation, via, source: "report" }]);
  });
}

test("is readable with a recipient line and a sender or a message", () => {
  const texts = [
    "Sender: a\nTo: b",
    "Message-ID: a\nBcc: b",
    "Sender:\nTo:",
    "To: b",
    "Sender: a\nMessage-ID: b",
    "",
    "Subject: a\nTo: b",
  ];
  assert.deepEqual(
    texts.map((text) => isReadable(readExchangeReport(text))),
    [true, true, true, false, false, false, false],
  );
});

test("quotes as many lines that it does not understand as is allowed, and counts the rest", () => {
  const remarks = (count: number) => readExchangeReport("odd\n".repeat(count)).remarks;
  assert.equal(remarks(quotedLinesMax).length, quotedLinesMax);
  assert.deepEqual(remarks(quotedLinesMax + 1).slice(quotedLinesMax), [
    `lines not understood in all: ${quotedLinesMax + 1}`,
  ]);
  const [long] = readExchangeReport("x".repeat(quotedCharsMax + 1)).remarks;
  assert.equal(long, `line not understood: ${"x".repeat(quotedCharsMax)}`);
});

const hostile = ["To: a@x\n", ", Expanded: a", '"', '", Expanded:', "\\", ":", "Recipients:\n (To)\n", " (To)"];
for (const piece of hostile) {
  test(`reads a million characters of ${JSON.stringify(piece)} in one pass`, { timeout: 60_000 }, () => {
    const text = "To: " + piece.repeat(Math.ceil(1_000_000 / piece.length));
    assert.equal(readExchangeReport(text).hasRecipientLine, true);
  });
}
