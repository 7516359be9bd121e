import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MiB } from "#core/index.ts";
import { giveRoomBack, makeRoom } from "./make-room.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as NonNullable<typeof globalThis.gc>;
const before = globalThis.gc;

afterEach(() => {
  globalThis.gc = before;
});

const bufferBytes = () => process.memoryUsage().arrayBuffers;

/** Reads a message into memory and lets go of it. */
function passThrough(bytes: number): void {
  Buffer.alloc(bytes).fill(1);
}

test("what a large message was read into is given back at once", () => {
  globalThis.gc = collect;
  const idle = bufferBytes();
  passThrough(64 * MiB);
  giveRoomBack(64 * MiB);
  assert.ok(bufferBytes() - idle < MiB, `${bufferBytes() - idle} bytes are left`);
});

test("room is made before a message of 64 MiB, given back after one of 16, and nothing is done for smaller ones", () => {
  let collections = 0;
  globalThis.gc = Object.assign(async () => {
    collections += 1;
  }) as typeof collect;
  makeRoom(64 * MiB - 1);
  giveRoomBack(16 * MiB - 1);
  assert.equal(collections, 0);
  makeRoom(64 * MiB);
  assert.equal(collections, 1);
  giveRoomBack(16 * MiB);
  assert.equal(collections, 2);
});

test("where collecting is not offered, nothing is done", () => {
  globalThis.gc = undefined as never;
  makeRoom(200 * MiB);
  giveRoomBack(200 * MiB);
});
