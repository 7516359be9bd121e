import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentlyUsed } from "./recently-used.ts";

test("keeps as many values as it may, and no more", () => {
  const kept = new RecentlyUsed<string>(2);
  assert.equal(kept.set("a", "A"), undefined);
  assert.equal(kept.set("b", "B"), undefined);
  assert.equal(kept.set("c", "C"), "A");
  assert.deepEqual(kept.keys(), ["b", "c"]);
});

test("lets go of the value that was not used for the longest time", () => {
  const kept = new RecentlyUsed<string>(2);
  kept.set("a", "A");
  kept.set("b", "B");
  assert.equal(kept.get("a"), "A");
  assert.equal(kept.set("c", "C"), "B");
});

test("gives a value away once", () => {
  const kept = new RecentlyUsed<string>(2);
  kept.set("a", "A");
  assert.equal(kept.take("a"), "A");
  assert.equal(kept.take("a"), undefined);
});
