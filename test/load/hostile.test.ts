import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { hostileServerRun } from "./hostile-server.ts";

// A fiftieth of each; the full form is `npm run soak -- hostile`.
test("messages that are made to be expensive are archived whole, and found by their recipients", async (context) => {
  const { reports, recipients, peakMiB } = await hostileServerRun(testFolder(context), 0.02);
  assert.deepEqual([reports, recipients], [29, 10_000]);
  assert.ok(peakMiB < 512, `${peakMiB} MiB`);
});
