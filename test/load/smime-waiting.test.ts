import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { smimeWaitingRun } from "./smime-waiting.ts";

test("mail archived before its key is all opened when the key comes, over a kill, while other mail comes in", async (context) => {
  const run = await smimeWaitingRun(testFolder(context), 300);
  console.log(JSON.stringify(run));
  assert.ok(run.killedAt > 0 && run.killedAt < 300, "it was killed midway");
  assert.ok(run.opening.count > 0);
});
