import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { createSimClock } from "../../test/sim/sim-clock.ts";
import { createBandwidth } from "./bandwidth.ts";

const start = 0 as Instant;

/** Takes `count` times `bytes` while time goes on by itself; the milliseconds it took. */
async function msFor(clock: ReturnType<typeof createSimClock>, take: () => Promise<void>, count: number) {
  const begunMs = clock.elapsedMs();
  let isDone = false;
  const work = (async () => {
    for (let index = 0; index < count; index += 1) await take();
    isDone = true;
  })();
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isDone) await clock.advance(1);
  }
  await work;
  return clock.elapsedMs() - begunMs;
}

test("over any longer time no more goes through than the rate, whatever the pieces", async () => {
  for (const bytes of [10, 100, 5_000]) {
    const clock = createSimClock(start);
    const bandwidth = createBandwidth(clock, 1_000, 100);
    const count = 20_000 / bytes;
    const ms = await msFor(clock, () => bandwidth.take(bytes), count);
    assert.ok(ms >= 19_900 && ms < 20_400, `${bytes}: ${ms} ms`);
  }
});

test("a burst goes at once, and rest fills the bucket no further than a burst", async () => {
  const clock = createSimClock(start);
  const bandwidth = createBandwidth(clock, 1_000, 500);
  assert.equal(await msFor(clock, () => bandwidth.take(100), 5), 0);
  await clock.advance(3_600_000);
  assert.equal(await msFor(clock, () => bandwidth.take(100), 5), 0);
  assert.ok((await msFor(clock, () => bandwidth.take(100), 5)) >= 500);
});
