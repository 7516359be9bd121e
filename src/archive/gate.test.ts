import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate } from "./gate.ts";

/** Lets everything that is ready go on. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("who holds a gate waits for what is passing, and what comes then waits for all who hold it", async () => {
  const gate = createGate(new AbortController().signal);
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const passing = gate.pass(async () => {
    await first.promise;
    seen.push("first");
  });
  const holding = [gate.hold(), gate.hold()];
  const later = gate.pass(async () => {
    seen.push("second");
    return "done";
  });
  await turn();
  assert.equal(seen.length, 0);
  first.resolve();
  await passing;
  const [one, other] = (await Promise.all(holding)) as [() => void, () => void];
  seen.push("held");
  one();
  one();
  await turn();
  assert.deepEqual([seen, gate.isHeld], [["first", "held"], true]);
  other();
  assert.equal(await later, "done");
  assert.deepEqual([seen, gate.isHeld], [["first", "held", "second"], false]);
});

test("a failure passes through and leaves the gate open to the next", async () => {
  const gate = createGate(new AbortController().signal);
  await assert.rejects(
    gate.pass(async () => Promise.reject(new Error("no"))),
    /no/,
  );
  (await gate.hold())();
  assert.equal(await gate.pass(async () => 1), 1);
});

test("a gate held anew before those who waited went on keeps them waiting", async () => {
  const gate = createGate(new AbortController().signal);
  const release = await gate.hold();
  let isThrough = false;
  const waiting = gate.pass(async () => {
    isThrough = true;
  });
  release();
  const again = await gate.hold();
  await turn();
  assert.equal(isThrough, false);
  again();
  await waiting;
  assert.equal(isThrough, true);
});

test("when it is closed, who waits is sent away, and nothing passes any more", async () => {
  const closing = new AbortController();
  const gate = createGate(closing.signal);
  const release = await gate.hold();
  const waiting = gate.pass(async () => "passed");
  closing.abort();
  assert.equal(await waiting, undefined);
  release();
  assert.equal(await gate.pass(async () => "passed"), undefined);
});
