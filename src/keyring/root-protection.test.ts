import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimEntropy } from "../../test/sim/sim-entropy.ts";
import { areCostsBearable, costsMax, protectRoot, rootFromPassphrase } from "./root-protection.ts";

test("costs are borne up to their limits and not beyond, and none of nothing", () => {
  assert.equal(areCostsBearable(costsMax), true);
  assert.equal(areCostsBearable({ memory: 8, passes: 1, parallelism: 1 }), true);
  const low = { memory: 64, passes: 2, parallelism: 2 };
  for (const wrong of [
    { ...costsMax, memory: costsMax.memory + 1 },
    { ...costsMax, passes: costsMax.passes + 1 },
    { ...costsMax, parallelism: costsMax.parallelism + 1 },
    { ...low, memory: 15 },
    { ...low, passes: 0 },
    { ...low, parallelism: 0 },
    { ...low, passes: 1.5 },
  ])
    assert.equal(areCostsBearable(wrong), false, JSON.stringify(wrong));
});

test("the costs in the file are the ones that are spent, and unbearable ones are damage and not spent", async () => {
  const protection = await protectRoot(Buffer.alloc(32, 5), "a passphrase", createSimEntropy(1));
  assert.ok(protection.kind === "passphrase");
  assert.deepEqual(await rootFromPassphrase(protection, "a passphrase"), Buffer.alloc(32, 5));
  const cheaper = { ...protection, passes: protection.passes - 1 };
  await assert.rejects(rootFromPassphrase(cheaper, "a passphrase"), { code: "PASSPHRASE-WRONG" });
  const hostile = { ...protection, memory: 2 ** 40 };
  await assert.rejects(rootFromPassphrase(hostile, "a passphrase"), { code: "KEY-DAMAGED" });
});
