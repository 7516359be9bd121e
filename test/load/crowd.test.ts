import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { crowdRun } from "./crowd.ts";

test("a crowd that does nothing costs little and keeps nobody from sending", { timeout: 120_000 }, async (context) => {
  const run = await crowdRun(testFolder(context), { idle: 500, active: 20, messagesEach: 5 });
  console.log(JSON.stringify(run));
  assert.equal(run.messages, 100);
  assert.equal(run.idleLeft, 500);
  assert.ok(run.peakMiB < 600, `${run.peakMiB} MiB`);
});
