import assert from "node:assert/strict";
import { test } from "node:test";
import { Transcript } from "./transcript.ts";

const clock = { elapsedMs: () => 7 };

test("keeps the newest lines and says how many are gone", () => {
  const transcript = new Transcript(clock, 3);
  for (let number = 1; number <= 3; number += 1) transcript.add("S", `line ${number}`);
  assert.deepEqual(
    transcript.lines().map(({ text }) => text),
    ["line 1", "line 2", "line 3"],
  );
  transcript.add("S", "line 4");
  assert.deepEqual(
    transcript.lines().map(({ text }) => text),
    ["1 lines before this are left out", "line 2", "line 3", "line 4"],
  );
});

test("a secret is hidden also when the server repeats it", () => {
  const transcript = new Transcript(clock, 3);
  transcript.hide("hunter22");
  transcript.add("S", "-ERR hunter22 is wrong\x1b");
  assert.deepEqual(transcript.lines(), [{ atMs: 0, from: "S", text: "-ERR **** is wrong\\x1b" }]);
});
