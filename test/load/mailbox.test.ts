import assert from "node:assert/strict";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { heavyMailboxRun } from "./mailbox.ts";

test("a mailbox with a large message is emptied in bounded memory, over a death of the server, beside one of an octet a second", async (context) => {
  const run = await heavyMailboxRun(testFolder(context), 1_500, [30_000_000], 1);
  console.log(JSON.stringify(run));
  assert.ok(run.peakMiB < 450, `${run.peakMiB} MiB`);
  assert.ok(run.stopSeconds < 20, "a trickling message does not keep the server from ending");
});
