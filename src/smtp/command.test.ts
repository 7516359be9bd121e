import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommand } from "./command.ts";

const cases: [line: string, verb: string, rest: string, script: string][] = [
  ["NOOP", "NOOP", "", "ascii"],
  ["noop  ", "NOOP", "", "ascii"],
  ["noop \t", "NOOP", "", "ascii"],
  ["mail  FROM:<a@B> x ", "MAIL", "FROM:<a@B> x", "ascii"],
  ["", "", "", "ascii"],
  [" NOOP", "", "NOOP", "ascii"],
  ["RCPT TO:<\xc3\xa4>", "RCPT", "TO:<ä>", "utf8"],
  ["RCPT TO:<\xe4>", "RCPT", "TO:<ä>", "unreadable"],
  ["RCPT TO:<\xc2\x85>", "RCPT", "TO:<\x85>", "unreadable"],
  ["BDAT 1\0", "BDAT", "1\0", "unreadable"],
  ["NOOP\rx", "NOOP\rX", "", "unreadable"],
  ["NOOP a\nb", "NOOP", "a\nb", "unreadable"],
  ["NOOP a\tb", "NOOP", "a\tb", "unreadable"],
  ["NOOP \x7f", "NOOP", "\x7f", "unreadable"],
];

for (const [line, verb, rest, script] of cases) {
  test(`reads ${JSON.stringify(line)} as ${script}`, () => {
    assert.deepEqual(readCommand(Buffer.from(line, "latin1")), { verb, rest, script });
  });
}
