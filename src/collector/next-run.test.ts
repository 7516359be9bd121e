import assert from "node:assert/strict";
import { test } from "node:test";
import { lastingPauseMs, loginPauseMs, nextPauseMs, pauseMsMin, troublePauseMsMax } from "./next-run.ts";
import type { ProblemClass } from "./run-facts.ts";

const idle = { problem: null, seen: 0, left: 0, failed: 0 };
const ended = (kind: ProblemClass) => ({ ...idle, left: null, problem: { code: "X", class: kind, words: "x" } });

const cases: [string, Parameters<typeof nextPauseMs>[0], number, number, number][] = [
  ["an idle mailbox waits its interval", idle, 0, 60, 60_000],
  ["a run that took mail is followed by another soon", { ...idle, seen: 3 }, 0, 60, 15_000],
  ["mail that is left is fetched soon", { ...idle, left: 5 }, 0, 60, 15_000],
  ["mail that could not be taken is no backlog", { ...idle, left: 5, failed: 5 }, 0, 60, 60_000],
  ["a short interval is not made longer by a backlog", { ...idle, seen: 3 }, 0, 2, pauseMsMin],
  ["a rejected login waits a quarter of an hour", ended("login"), 1, 60, loginPauseMs],
  ["a rejected login waits its interval where that is longer", ended("login"), 1, 3_600, 3_600_000],
  ["what a person has to mend is looked at again after minutes", ended("lasting"), 1, 2, lastingPauseMs],
  ["a passing trouble is tried again within half a minute", ended("passing"), 1, 3_600, 30_000],
  ["the pause doubles with each failure", ended("passing"), 4, 60, 240_000],
  ["the pause has an end", ended("passing"), 40, 60, troublePauseMsMax],
  ["our own trouble is tried again like a passing one", ended("ours"), 2, 10, 20_000],
  ["a run that was called off goes on at once", ended("called-off"), 0, 60, pauseMsMin],
];
for (const [name, run, failures, interval, expected] of cases) {
  test(name, () => assert.equal(nextPauseMs(run, { failures }, interval, 0), expected));
}

test("chance makes a pause up to a tenth longer, never shorter", () => {
  assert.equal(nextPauseMs(idle, { failures: 0 }, 60, 1), 66_000);
  assert.equal(nextPauseMs(idle, { failures: 0 }, 60, 0.5), 63_000);
});
