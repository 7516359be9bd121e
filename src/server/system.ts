import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock, Entropy, Instant } from "#core/index.ts";

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now() as Instant,
  elapsedMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

/** Bytes drawn from the system at once for small requests: a call for each id would cost more than the id. */
const poolBytes = 4096;
let pool = Buffer.alloc(0);

/** The randomness of this machine. */
export const systemEntropy: Entropy = {
  bytes: (count) => {
    if (count > poolBytes / 4) return randomBytes(count);
    if (pool.length < count) pool = randomBytes(poolBytes);
    const bytes = Buffer.from(pool.subarray(0, count));
    // What was given out must not be found in memory again, and never be given twice.
    pool.fill(0, 0, count);
    pool = pool.subarray(count);
    return bytes;
  },
};
