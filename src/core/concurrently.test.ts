import assert from "node:assert/strict";
import { test } from "node:test";
import { concurrently, inOrder } from "./concurrently.ts";

async function* numbers(count: number, seen: number[] = []): AsyncIterable<number> {
  for (let n = 0; n < count; n += 1) {
    seen.push(n);
    yield n;
  }
}

test("never more than the limit is under way, and all is done", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await concurrently(numbers(50), 4, async (n) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    done.push(n);
  });
  assert.equal(most, 4);
  assert.equal(done.length, 50);
});

test("after a failure nothing new begins, and what was begun ends first", async () => {
  const asked: number[] = [];
  const ended: number[] = [];
  const work = async (n: number) => {
    if (n === 3) throw new Error("third");
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    ended.push(n);
  };
  await assert.rejects(concurrently(numbers(100, asked), 4, work), { message: "third" });
  assert.ok(asked.length < 10);
  assert.deepEqual(
    ended.toSorted(),
    asked.filter((n) => ended.includes(n)),
  );
  assert.ok(ended.length >= 3);
});

test("results come in the order of the items while several are worked on", async () => {
  let running = 0;
  let most = 0;
  const results: number[] = [];
  const work = async (n: number) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < 5 - (n % 5); turn += 1) await new Promise(setImmediate);
    running -= 1;
    return n;
  };
  for await (const n of inOrder(numbers(20), 4, work)) results.push(n);
  assert.deepEqual(results, [...Array(20).keys()]);
  assert.equal(most, 4);
});

test("a reader that stops waits for what was begun", async () => {
  let ended = 0;
  const work = async (n: number) => {
    await new Promise(setImmediate);
    ended += 1;
    return n;
  };
  for await (const _ of inOrder(numbers(20), 4, work)) break;
  assert.equal(ended, 4);
});
