import assert from "node:assert/strict";
import { test } from "node:test";
import { visible, visibleCharactersMax } from "./status-line.ts";

const shown: [text: string, seen: string][] = [
  ["plain text", "plain text"],
  ["\x1b[31mred\x07", "\\x1b[31mred\\x07"],
  ["a\r\nb\x00", "a\\x0d\\x0ab\\x00"],
  ["\x9b31m", "\\x9b31m"],
  ["turn \u202e round", "turn \\u202e round"],
  ["Grüße", "Grüße"],
];
for (const [text, seen] of shown)
  test(`a server's ${JSON.stringify(text)} is shown without effect`, () => assert.equal(visible(text), seen));

test("a text of 1 MB is cut; one as long as may be is not", () => {
  assert.equal(visible("x".repeat(1_048_576)), `${"x".repeat(visibleCharactersMax)}…`);
  assert.equal(visible("x".repeat(visibleCharactersMax)), "x".repeat(visibleCharactersMax));
  assert.ok(visible("\x1b".repeat(visibleCharactersMax)).length <= visibleCharactersMax + 1);
});
