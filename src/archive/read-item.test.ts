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
      const reading = readItem(item, bytes, false);
      assert.equal(reading.receipt.state, "archived", name);
      assert.ok(outcomes.includes(outcomeOf(reading)), `${name}: ${outcomeOf(reading)}`);
      assert.equal(sha256(together(reading)), item.sha256, name);
      const standard = readItem(spooledItem(bytes, { type: "standard" }), bytes, false);
      assert.deepEqual([standard.report, standard.message.sha256], [null, item.sha256], name);
      count += 1;
    }
    assert.ok(count >= 3);
  });
}
