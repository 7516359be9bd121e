import assert from "node:assert/strict";
import { test } from "node:test";
import { MiB } from "#core/index.ts";
import { createLargeBuffer } from "./large-buffer.ts";

test("large messages one after the other share a buffer, small ones have their own", () => {
  const bufferFor = createLargeBuffer();
  const first = bufferFor(150 * MiB);
  assert.ok(first.length >= 150 * MiB);
  assert.equal(bufferFor(149 * MiB), first);
  assert.equal(bufferFor(17 * MiB), first);
  assert.notEqual(bufferFor(200 * MiB), first);
  const [one, two] = [bufferFor(16 * MiB), bufferFor(16 * MiB)];
  assert.ok(one !== two && one.length === 16 * MiB);
  assert.notEqual(bufferFor(150 * MiB), first);
});
