import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { largeRun } from "./large.ts";

test("large messages at once are archived one at a time, in the memory of one", async (context) => {
  const run = await largeRun(testFolder(context), 5, 30_000_000);
  console.log(JSON.stringify(run));
  // Measured 380; all five held at once would add 120 to that.
  assert.ok(run.peakMiB < 450, `${run.peakMiB} MiB`);
});
