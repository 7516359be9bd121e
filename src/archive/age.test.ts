import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { readMessage } from "#mail/index.ts";
import { type AgeQuestion, clockToleranceMs, judgeAge } from "./age.ts";

const day = 24 * 60 * 60 * 1000;
const now = Date.UTC(2030, 5, 15, 12) as Instant;
const minute = 60 * 1000;
const nobody = readMessage(new Uint8Array()).headers;
/** Ages in milliseconds of what the report and the message say; negative lies in the future. */
interface Ages {
  received?: number;
  date?: number;
  inner?: number;
}

const ask = ({ received, date, inner }: Ages, more: Partial<AgeQuestion> = {}) => {
  const at = (age: number | undefined) => (age === undefined ? null : ((now - age) as Instant));
  const report = { ...nobody, receivedAt: at(received), date: at(date) };
  const question = { report, innerDate: at(inner), receivedAt: now, maxAgeDays: 30, isClockUnsure: false, ...more };
  return judgeAge(question);
};

const cases: [what: string, ages: Ages, isTooOld: boolean, flags: string[]][] = [
  ["of exactly the limit", { received: 30 * day }, false, []],
  ["a millisecond above it", { received: 30 * day + 1 }, true, []],
  ["with an old Date that arrived today", { received: 0, date: 40 * day }, false, []],
  ["with no Received field, by its Date", { date: 31 * day }, true, []],
  ["with no date at all: unknown is not old", {}, false, []],
  ["with an old message that was reported today", { received: 0, inner: 400 * day }, false, []],
  ["of 1970", { received: now }, true, []],
  ["as far in the future as is tolerated", { received: -clockToleranceMs }, false, []],
  ["further in the future", { received: -clockToleranceMs - minute }, false, ["source_clock_ahead_16m"]],
  ["a year in the future", { received: -365 * day }, false, ["source_clock_ahead_525600m"]],
  ["as far before its message as is tolerated", { received: clockToleranceMs, inner: 0 }, false, []],
  ["before its message", { received: clockToleranceMs + minute, inner: 0 }, false, ["source_clock_behind_16m"]],
  [
    "45 days before its fresh message: not old",
    { received: 45 * day, inner: 0 },
    false,
    ["source_clock_behind_64800m"],
  ],
  [
    "before its message, which is old too",
    { received: 45 * day, inner: 31 * day },
    true,
    ["source_clock_behind_20160m"],
  ],
  ["old, with a message that claims the future", { received: 45 * day, inner: -2 * day }, true, []],
];
for (const [what, ages, isTooOld, flags] of cases) {
  test(`judges the age of a report ${what}`, () => assert.deepEqual(ask(ages), { isTooOld, flags }));
}

test("nothing is too old where the rule is off, and a clock that is wrong is named all the same", () => {
  assert.deepEqual(ask({ received: 400 * day }, { maxAgeDays: null }), { isTooOld: false, flags: [] });
  assert.deepEqual(ask({ received: -day }, { maxAgeDays: null }).flags, ["source_clock_ahead_1440m"]);
});

test("while our own clock is in doubt nothing is held and no other clock is blamed", () => {
  assert.deepEqual(ask({ received: 400 * day }, { isClockUnsure: true }), { isTooOld: false, flags: ["age_unjudged"] });
  assert.deepEqual(ask({ received: -day }, { isClockUnsure: true, maxAgeDays: null }).flags, []);
});
