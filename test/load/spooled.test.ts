import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { spooledRun } from "./spooled.ts";

test("a server that was killed over a full spool takes mail again, with all that waited still waiting", async (context) => {
  const run = await spooledRun(testFolder(context), 3_000);
  console.log(JSON.stringify(run));
  assert.equal(run.waiting[0], 3_000);
  // What a killed server archived no longer waits; what it took since does.
  for (const [round, waiting] of run.waiting.entries()) assert.ok(waiting <= 3_000 + round);
});
