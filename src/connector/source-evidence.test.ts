import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceiptEvidence } from "#catalogue/index.ts";
import type { Instant } from "#core/index.ts";
import { ageRuleOf, fidelityOf, sourceClocksOf } from "./source-evidence.ts";

const receipt = (more: Partial<ReceiptEvidence>): ReceiptEvidence => ({
  ...{ state: "archived", flags: [], receivedAt: 7 as Instant, peer: "192.0.2.1:25", helo: "mx.example" },
  envelope: null,
  ...more,
});
const [report, hop, header, nobody, none] = (["report", "hop", "header", "nobody", null] as const).map((envelope) =>
  receipt({ envelope }),
) as [ReceiptEvidence, ReceiptEvidence, ReceiptEvidence, ReceiptEvidence, ReceiptEvidence];
const stray = receipt({ flags: ["not_journal_report"] });
const unread = receipt({ state: "quarantined" });

const grades: [what: string, evidence: ReceiptEvidence[], grade: string | null, receipts: number][] = [
  ["nothing", [], null, 0],
  ["nothing but mail that is no report, and what cannot be read", [stray, unread], null, 0],
  ["reports and copies made for each recipient", [report, hop], "A", 2],
  ["reports, and mail that is no report", [report, stray, unread], "A", 1],
  ["fields of the header", [header], "B", 1],
  ["a report that names nobody", [nobody], "B", 1],
  ["reports and plain copies", [report, none], "B", 2],
  ["plain copies", [none, none], "C", 2],
];
for (const [what, evidence, grade, receipts] of grades) {
  test(`${what} make fidelity ${grade}`, () => {
    const found = fidelityOf(evidence);
    assert.deepEqual([found.grade, found.receipts], [grade, receipts]);
    assert.match(found.sentence, /^[A-Z].*\.$/);
  });
}

test("a source is named by its newest mail, ahead or behind, and no more once that is right", () => {
  const ahead = receipt({ flags: ["source_clock_ahead_90m"], receivedAt: 9 as Instant });
  const behind = receipt({ flags: ["source_clock_behind_20m"], helo: null, receivedAt: 8 as Instant });
  const mended = receipt({ helo: "b.example" });
  const wrongBefore = receipt({ flags: ["source_clock_ahead_16m"], helo: "b.example" });
  assert.deepEqual(sourceClocksOf([ahead, mended, behind, wrongBefore, receipt({})]), [
    { source: "mx.example", offsetMinutes: 90, at: 9 },
    { source: "192.0.2.1", offsetMinutes: -20, at: 8 },
  ]);
});

test("mail that was taken while our own clock was in doubt says nothing of the source's", () => {
  const unjudged = receipt({ flags: ["age_unjudged"] });
  const ahead = receipt({ flags: ["source_clock_ahead_90m"] });
  assert.equal(sourceClocksOf([unjudged, ahead]).length, 1);
});

test("the age rule is off, in force, or suspended with the reason", () => {
  assert.equal(ageRuleOf(null, "jumped").state, "off");
  assert.equal(ageRuleOf(30, null).state, "in_force");
  const { state, sentence } = ageRuleOf(30, "behind_archive");
  assert.equal(state, "suspended");
  assert.match(sentence, /behind mail that was archived already/);
});
