import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceStatus } from "./service-status.ts";

const cases: [string, boolean, number, number, string, RegExp][] = [
  ["a connector that never got anything awaits its initial run", true, 0, 0, "awaiting_initial_run", /j@x\.example/],
  ["one that got something runs", true, 1, 0, "running", /archived/],
  ["one with a quarantined item says so", true, 3, 1, "running_quarantine", /1 item is/],
  ["one with several counts them", true, 3, 2, "running_quarantine", /2 items are/],
  ["a disabled one is disabled, whatever else", false, 3, 2, "disabled", /keep their mail/],
  ["a disabled one that never got anything is disabled", false, 0, 0, "disabled", /Switched off/],
];
for (const [name, enabled, received, quarantined, status, words] of cases) {
  test(name, () => {
    const connector = { enabled, journalEmailAddress: "j@x.example" };
    const got = serviceStatus({ connector, received, quarantined });
    assert.equal(got.status, status);
    assert.match(got.reason, words);
  });
}
