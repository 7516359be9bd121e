import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock, Entropy, Instant } from "#core/index.ts";
import { systemClock, systemEntropy } from "../../src/server/system.ts";
import { createSimClock } from "../sim/sim-clock.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";

/** What every Clock promises; `pass` lets time go by. */
function clockContract(kind: string, open: () => { clock: Clock; pass: (ms: number) => Promise<void> }): void {
  test(`${kind}: elapsed time never goes back, and a sleeper wakes`, async () => {
    const { clock, pass } = open();
    const before = clock.elapsedMs();
    const slept = clock.sleep(5);
    await pass(10);
    await slept;
    assert.ok(clock.elapsedMs() >= before + 4);
    assert.ok(Number.isInteger(clock.now()));
  });

  test(`${kind}: an aborted sleep resolves at once`, async () => {
    const { clock } = open();
    await clock.sleep(3_600_000, AbortSignal.abort());
    const abort = new AbortController();
    const slept = clock.sleep(3_600_000, abort.signal);
    abort.abort();
    await slept;
  });
}

clockContract("system clock", () => ({ clock: systemClock, pass: async () => undefined }));
clockContract("simulated clock", () => {
  const clock = createSimClock(1_700_000_000_000 as Instant);
  return { clock, pass: (ms) => clock.advance(ms) };
});

/** What every Entropy promises. */
function entropyContract(kind: string, entropy: Entropy): void {
  test(`${kind}: gives as many bytes as asked, and others each time`, () => {
    for (const count of [0, 1, 16, 32, 1000]) assert.equal(entropy.bytes(count).length, count);
    assert.notDeepEqual(entropy.bytes(16), entropy.bytes(16));
  });
}

entropyContract("system entropy", systemEntropy);
entropyContract("simulated entropy", createSimEntropy(1));

test("simulated entropy repeats itself for the same seed", () => {
  assert.deepEqual(createSimEntropy(9).bytes(64), createSimEntropy(9).bytes(64));
});
