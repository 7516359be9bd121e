import assert from "node:assert/strict";
import { test } from "node:test";
import { damageGround, flipRun, packPlaces, swapRun, truncationRun } from "./flips.ts";

const seed = Number(process.env.MUNIMENT_SEED ?? Math.floor(performance.timeOrigin) % 1_000_000_000);

test("F32: a flipped bit in any place of a pack is found, touches one frame, and the messages in it are named", async () => {
  const count = packPlaces.length * 30;
  const counts = await flipRun(await damageGround(1), seed, count);
  console.log(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.equal(counts.damages, count);
  assert.ok(counts.lost > 0 && counts.whole > counts.lost);
});

test("F33: a pack cut at any boundary, with a hole or with more behind it is found, and what lies before is read", async () => {
  const counts = await truncationRun(await damageGround(2));
  assert.ok(counts.damages > 100 && counts.lost > 0 && counts.whole > 0, JSON.stringify(counts));
});

test("F34: a frame or pack in another's place, in its pack, in another or of another tenant, is never believed", async () => {
  const counts = await swapRun(await damageGround(3));
  assert.ok(counts.damages > 100, JSON.stringify(counts));
});
