import assert from "node:assert/strict";
import { test } from "node:test";
import { sparingLog, sparingLogMs } from "./sparing-log.ts";

test("an event is logged at once, then once a minute with the number of those left out", () => {
  const lines: unknown[] = [];
  let now = 5;
  const note = sparingLog("flood", {
    log: (event, fields) => lines.push([event, fields]),
    clock: { elapsedMs: () => now },
  });
  note({ peer: "a" });
  for (let count = 0; count < 1_000; count += 1) note({ peer: "b" });
  now += sparingLogMs - 1;
  note({ peer: "c" });
  now += 1;
  note({ peer: "d" });
  assert.deepEqual(lines, [
    ["flood", { peer: "a", unlogged: 0 }],
    ["flood", { peer: "d", unlogged: 1_001 }],
  ]);
});
