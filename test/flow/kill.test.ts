import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSound } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { killRun } from "../support/kill-run.ts";

test("60 kills at random moments under mixed load lose no acknowledged message, without help", async (context) => {
  const folder = testFolder(context);
  const seed = Number(process.env.MUNIMENT_SEED ?? Math.floor(performance.timeOrigin));
  console.log(`kill: seed ${seed}; repeat with MUNIMENT_SEED=${seed}`);
  const run = await killRun(folder, seed, 60, () => undefined);
  console.log(
    `kill: ${run.acknowledged} messages acknowledged (fewest in a round: ${run.acknowledgedFewest}), ${run.taken} taken from ` +
      `a mailbox and by imports, ` +
      `${run.caught} of ${run.kills} kills caught mail acknowledged and not yet archived, ${run.packing} came while a pack was ` +
      `written or behind it, ${run.archiving} after something new was archived`,
  );
  assert.ok(run.acknowledgedFewest >= 20);
  assert.ok(run.caught >= run.kills / 2);
  assert.ok(run.packing >= run.kills / 6);
  // A machine that is busy with other work leaves the archive, which steps back, little: soak runs tell more.
  assert.ok(run.archiving >= 2);
  await assertSound(`${folder}/data`);
});
