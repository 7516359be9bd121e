import assert from "node:assert/strict";
import { test } from "node:test";
import { noteLines } from "./note-lines.ts";

const notes: [string, string, [string, string][] | null][] = [
  ["plain text stays text", "/mnt/backup", null],
  ["a number alone is text", "12", null],
  ["a list alone is text", "[1]", null],
  ["facts that are null are left out", JSON.stringify({ why: "a test", reason: null }), [["why", "a test"]]],
  [
    "a changed setting shows both",
    JSON.stringify({ before: { enabled: true, maxAgeDays: null }, after: { enabled: false, maxAgeDays: 9 } }),
    [
      ["enabled", "yes → no"],
      ["maxAgeDays", "none → 9"],
    ],
  ],
  [
    "what was added shows what it is, and not what it is not",
    JSON.stringify({ after: { description: "HQ", pop3: null, smtp: { permitted: [], login: false, tls: true } } }),
    [
      ["description", "HQ"],
      ["smtp.tls", "yes"],
    ],
  ],
  [
    "of settings within others, those that differ are shown",
    JSON.stringify({
      before: { smtp: { permitted: [], tls: true } },
      after: { smtp: { permitted: ["::1"], tls: true } },
    }),
    [["smtp.permitted", "none → ::1"]],
  ],
  [
    "lists are shown before and after",
    JSON.stringify({ before: [], after: ["a.example", "b.example"] }),
    [
      ["before", "none"],
      ["after", "a.example, b.example"],
    ],
  ],
  [
    "a changed password is told without it",
    JSON.stringify({ before: {}, after: {}, secret: "changed" }),
    [["secret", "a password was given"]],
  ],
];

for (const [what, note, expected] of notes) {
  test(what, () => {
    assert.deepEqual(noteLines(note)?.map(({ name, value }) => [name, value]) ?? null, expected);
  });
}
