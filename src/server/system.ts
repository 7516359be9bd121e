import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock, Entropy, Instant } from "#core/index.ts";

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now() as Instant,
  elapsedMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

/** The randomness of this machine. */
export const systemEntropy: Entropy = { bytes: (count) => randomBytes(count) };
