import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { afterRun, freshState } from "./mailbox-state.ts";
import { type ProblemClass, type RunFacts, together } from "./run-facts.ts";

const at = (seconds: number) => (seconds * 1_000) as Instant;

function ran(endedAt: number, left: number | null, problem: ProblemClass | null = null): RunFacts {
  return {
    ...{ begunAt: at(endedAt - 1), endedAt: at(endedAt), runs: 1, sessions: 1, seen: 0, deleted: 0, failed: 2 },
    ...{ archived: 0, duplicate: 0, quarantined: 0, held: 0, vanished: 0, reappeared: 0, renamed: 0 },
    ...{ left, leftAt: left === null ? null : at(endedAt), failures: [], transcript: [] },
    problem: problem === null ? null : { code: "X", class: problem, words: "x" },
  };
}

test("a good run ends the counting of failures, and a bad one begins it", () => {
  const bad = afterRun(afterRun(freshState(at(0)), ran(1, null, "passing")), ran(2, null, "login"));
  assert.deepEqual([bad.failures, bad.problem?.class, bad.failingSince, bad.succeededAt], [2, "login", at(1), null]);
  const good = afterRun(bad, ran(3, 0));
  assert.deepEqual([good.failures, good.problem, good.failingSince, good.succeededAt], [0, null, null, at(3)]);
});

test("the queue stays what it was while nobody can look, and grows by what is seen", () => {
  const seen = afterRun(freshState(at(0)), ran(1, 5));
  const blind = afterRun(seen, ran(2, null, "passing"));
  assert.deepEqual([blind.queue, blind.queueAt, blind.queueGrew], [5, at(1), 0]);
  const grown = afterRun(afterRun(blind, ran(3, 6)), ran(4, 7));
  assert.deepEqual([grown.queue, grown.queueGrew, grown.stuck], [7, 2, 2]);
  assert.equal(afterRun(grown, ran(5, 7)).queueGrew, 0);
});

test("a run that was called off is no failure and no success", () => {
  const before = afterRun(freshState(at(0)), ran(1, null, "passing"));
  const after = afterRun(before, ran(2, 4, "called-off"));
  assert.deepEqual([after.failures, after.queue, after.succeededAt], [1, 4, null]);
});

test("two runs told as one add up what became of mail, and stand where the later one stands", () => {
  const first = { ...ran(1, 2), seen: 10, archived: 7, held: 1, sessions: 2 };
  const later = { ...ran(2, 0), seen: 2, archived: 1, duplicate: 1 };
  const { seen, archived, duplicate, held, left, sessions, begunAt } = together(first, later);
  assert.deepEqual([seen, archived, duplicate, held, left, sessions, begunAt], [10, 8, 1, 1, 0, 3, at(0)]);
  const blind = together(first, ran(3, null, "passing"));
  assert.deepEqual([blind.seen, blind.left, blind.problem?.class], [8, 2, "passing"]);
});
