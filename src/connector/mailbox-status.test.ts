import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxState } from "#collector/index.ts";
import type { Instant } from "#core/index.ts";
import { lateSeconds, type MailboxFacts, mailboxStatus, quietMs, silentMs } from "./mailbox-status.ts";

const now = Date.UTC(2030, 0, 1) as Instant;
const at = (msAgo: number) => (now - msAgo) as Instant;
const good: MailboxState = {
  ...{ activity: "idle", failures: 0, problem: null, failingSince: null, succeededAt: at(60_000) },
  ...{ queue: 0, queueAt: at(60_000), queueGrew: 0, stuck: 0, nextRunAt: null, beatAt: at(0) },
};
const problem = (kind: "passing" | "login" | "lasting" | "ours") => ({
  code: "X",
  class: kind,
  words: "the server is away",
});

const cases: [string, Partial<MailboxState> | null, Partial<MailboxFacts>, string, RegExp][] = [
  ["a mailbox that works is running", {}, {}, "running", /archived/],
  ["one that is not known yet is unknown", null, {}, "unknown", /not begun/],
  ["a worker that was heard a minute ago is alive", { beatAt: at(silentMs) }, {}, "running", /./],
  ["a worker silent for longer makes it unknown", { beatAt: at(silentMs + 1) }, {}, "unknown", /silent/],
  [
    "one passing failure is a retry",
    { failures: 1, problem: problem("passing") },
    {},
    "running_retrying",
    /1 of 3.*away/,
  ],
  ["two are a retry", { failures: 2, problem: problem("ours") }, {}, "running_retrying", /2 of 3/],
  ["three are an error", { failures: 3, problem: problem("passing") }, {}, "error", /^The server is away\.$/],
  ["a rejected login is an error at once", { failures: 1, problem: problem("login") }, {}, "error", /away/],
  ["what lasts is an error at once", { failures: 1, problem: problem("lasting") }, {}, "error", /away/],
  ["without any session it awaits its initial run", { succeededAt: null }, {}, "awaiting_initial_run", /No session/],
  ["a quarantined item is said", {}, { quarantined: 1 }, "running_quarantine", /1 item is/],
  ["several are counted", {}, { quarantined: 2 }, "running_quarantine", /2 items are/],
  ["mail that waits for a quarter of an hour is on time", {}, { oldestAgeSeconds: lateSeconds }, "running", /./],
  ["mail that waits longer is delayed", {}, { oldestAgeSeconds: lateSeconds + 1 }, "running_delayed", /15 minutes/],
  ["a mailbox that grew twice is fine", { queueGrew: 2 }, {}, "running", /./],
  ["one that grew in three runs is delayed", { queueGrew: 3 }, {}, "running_delayed", /grows/],
  ["messages that could not be taken are said", { stuck: 2 }, {}, "running_delayed", /2 messages.*others go on/],
  ["a mailbox with mail days ago is fine", {}, { lastReceivedAt: at(quietMs) }, "running", /./],
  ["one without any for longer is quiet", {}, { lastReceivedAt: at(quietMs + 1) }, "running_quiet", /four days/],
];
for (const [name, change, more, status, words] of cases) {
  test(name, () => {
    const state = change === null ? null : { ...good, ...change };
    const got = mailboxStatus({ state, quarantined: 0, oldestAgeSeconds: 0, lastReceivedAt: at(0), now, ...more });
    assert.equal(got.status, status);
    assert.match(got.reason, words);
  });
}
