import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, ImportTally, type RunCounts } from "./tally.ts";

const none: RunCounts = { accepted: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0 };

test("the sources of an import add up to the whole", () => {
  const tally = new ImportTally();
  tally.add("a.mbox", "accepted");
  tally.add("a.mbox", "accepted");
  tally.add("a.mbox", "known");
  tally.readAs("a.mbox", "mboxcl2");
  tally.add("b.zip", "accepted");
  tally.readAs("b.zip", "mbox");
  tally.readAs("b.zip", "mboxrd");
  tally.add("b.zip", "unreadable");
  tally.add("b.zip", "ignored");
  const total = tally.outcome({ ...none, accepted: 3, archived: 1, duplicate: 1, quarantined: 1 });
  assert.deepEqual(total, {
    ...{ found: 5, archived: 1, duplicate: 2, quarantined: 1, held: 0, unreadable: 1, ignored: 1, known: 1 },
  });
  const sources = tally.bySource([
    { ...none, source: "b.zip", accepted: 1, quarantined: 1 },
    { ...none, source: "a.mbox", accepted: 2, archived: 1, duplicate: 1 },
  ]);
  const nothing = { archived: 0, duplicate: 0, quarantined: 0, held: 0, unreadable: 0, ignored: 0, known: 0 };
  assert.deepEqual(sources, [
    { ...nothing, source: "a.mbox", found: 3, archived: 1, duplicate: 2, known: 1, variant: "mboxcl2" },
    { ...nothing, source: "b.zip", found: 2, quarantined: 1, unreadable: 1, ignored: 1, variant: "mixed" },
  ]);
});

test("a message that the archive does not account for is not passed over", () => {
  const tally = new ImportTally();
  tally.add("a", "accepted");
  assert.throws(() => tally.outcome(none), { code: "IMPORT-UNBALANCED" });
});

test("sources beyond ten thousand are counted together, and those before go on by their names", () => {
  const tally = new ImportTally();
  for (let index = 0; index < 10_050; index += 1) tally.add(`${index}`, "unreadable");
  assert.equal(tally.nameOf("7"), "7");
  assert.equal(tally.nameOf("new"), "(further sources)");
  const sources = tally.bySource([]);
  assert.equal(sources.length, 10_001);
  assert.equal(sources.at(-1)?.unreadable, 50);
});

test("long names keep their ends, whole characters and a size that fits an address", () => {
  assert.equal(fitted("short"), "short");
  for (const character of ["x", "ä", "語", "😀", "\ud800"]) {
    const cut = fitted(`${character.repeat(2_000)}/end.eml`);
    assert.ok(cut.endsWith("/end.eml") && cut.startsWith("…") && !cut.includes("…\ufffd/"), character);
    assert.ok(Buffer.byteLength(cut) <= 1_003, `${Buffer.byteLength(cut)}`);
  }
});
