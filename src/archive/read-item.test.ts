import assert from "node:assert/strict";
import { test } from "node:test";
import { corpusFiles } from "../../test/corpus.ts";
import { sha256 } from "../../test/support/bytes.ts";
import { spooledItem } from "../../test/support/spooled-item.ts";
import { type ItemReading, readItem } from "./read-item.ts";

/** What an EEJ connector makes of these folders, by what their notes say. */
const expected: [name: RegExp, outcomes: string[]][] = [
  [/^journal-ace\//, ["report eej2007"]],
  [/^journal-eml-helper\/journal_report_pst_export/, ["report eej2007"]],
  [/^journal-eml-helper\//, ["not_journal_report"]],
  [/^dsn-sisimai\/maildir\/not\//, ["not_journal_report"]],
  // A bounce that a person could have written, by all that can be seen, is flagged as no report only.
  [/^dsn-sisimai\//, ["not_journal_report bounce", "not_journal_report", "not_journal_report envelope_in_header"]],
];

function outcomeOf({ report, receipt }: ItemReading): string {
  return report === null ? receipt.flags.join(" ") : `report ${report.facts.dialect}`;
}

/** The item's bytes, put together again from what is stored of them. */
function together({ message, report }: ItemReading): Uint8Array {
  if (report === null) return message.bytes;
  const { bytes, inner } = report;
  if (inner === null) return bytes;
  return Buffer.concat([bytes.subarray(0, inner.start), message.bytes, bytes.subarray(inner.end)]);
}

for (const folder of ["journal-ace", "journal-eml-helper", "dsn-sisimai"]) {
  test(`every file of ${folder} is archived whole, as what its folder says`, () => {
    let count = 0;
    for (const { name, bytes } of corpusFiles(folder)) {
      const outcomes = expected.find(([pattern]) => pattern.test(name))![1];
      const item = spooledItem(bytes, { type: "eej" });
      const reading = readItem(item, bytes, null);
      assert.equal(reading.receipt.state, "archived", name);
      assert.ok(outcomes.includes(outcomeOf(reading)), `${name}: ${outcomeOf(reading)}`);
      assert.equal(sha256(together(reading)), item.sha256, name);
      const standard = readItem(spooledItem(bytes, { type: "standard" }), bytes, null);
      assert.deepEqual([standard.report, standard.message.sha256], [null, item.sha256], name);
      count += 1;
    }
    assert.ok(count >= 3);
  });
}

const day = 24 * 60 * 60 * 1000;
const now = Date.parse("2026-06-15T12:00:00Z");

/** What a standard connector with this rule makes of a plain mail that its source received so long ago. */
function plain(ageMs: number, maxAgeDays: number | null, field: "Received" | "Date" = "Received", isUnsure = false) {
  const date = new Date(now - ageMs).toUTCString();
  const bytes = Buffer.from(`${field}: ${field === "Received" ? "by mx.example; " : ""}${date}\r\n\r\ntext`);
  const { state, reason, flags } = readItem(
    spooledItem(bytes, { type: "standard", maxAgeDays }, now),
    bytes,
    null,
    isUnsure,
  ).receipt;
  return [state, reason, ...flags];
}

test("plain mail is held for its age where its connector says so, and nowhere else", () => {
  assert.deepEqual(plain(31 * day, 30), ["held", "too_old"]);
  assert.deepEqual(plain(29 * day, 30), ["archived", null]);
  assert.deepEqual(plain(400 * day, null), ["archived", null]);
  assert.deepEqual(plain(31 * day, 30, "Date"), ["held", "too_old"]);
  assert.deepEqual(plain(31 * day, 30, "Received", true), ["archived", null, "age_unjudged"]);
});

test("the clock of a source of plain mail is known by its Received field, never by what its author wrote", () => {
  assert.deepEqual(plain(-day, null), ["archived", null, "source_clock_ahead_1440m"]);
  assert.deepEqual(plain(-day, 30, "Date"), ["archived", null]);
});
