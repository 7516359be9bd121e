import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { createTurns } from "./turns.ts";

/** Work that ends when told. */
function createWork() {
  const started: number[] = [];
  const ends: (() => void)[] = [];
  return {
    started,
    end: (index: number) => ends[index]!(),
    work: (index: number) => () => {
      started.push(index);
      return new Promise<number>((resolve) => {
        ends[index] = () => resolve(index);
      });
    },
  };
}

test("no more than the limit run at once, and the rest follow in order", async () => {
  const turn = createTurns(2, 5);
  const { started, work, end } = createWork();
  const all = [0, 1, 2, 3].map((index) => turn(work(index)));
  assert.deepEqual(started, [0, 1]);
  end(1);
  await all[1];
  await Promise.resolve();
  assert.deepEqual(started, [0, 1, 2]);
  end(0);
  await all[0];
  await Promise.resolve();
  end(2);
  end(3);
  assert.deepEqual(await Promise.all(all), [0, 1, 2, 3]);
});

test("one more than may wait is turned away without having run", async () => {
  const turn = createTurns(1, 1);
  const { started, work, end } = createWork();
  const first = turn(work(0));
  const second = turn(work(1));
  await assert.rejects(turn(work(2)), (error) => isFailure(error, "AUTH-BUSY") && error.retry === "later");
  end(0);
  await first;
  await Promise.resolve();
  end(1);
  await second;
  assert.deepEqual(started, [0, 1]);
});

test("work that fails gives its place on", async () => {
  const turn = createTurns(1, 1);
  await assert.rejects(
    turn(() => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await turn(async () => 7), 7);
});
