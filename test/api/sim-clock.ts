import type { Clock, Instant } from "#core/index.ts";

/** A clock that stands still until it is moved. */
export interface SimClock extends Clock {
  /** Lets `ms` pass: sleeps that end in it resolve, in order. */
  advance(ms: number): void;
  /** Number of sleeps under way. */
  sleeping(): number;
}

/** A clock that shows `start` and moves only by `advance`. */
export function createSimClock(start: string): SimClock {
  const startMs = Date.parse(start);
  let elapsed = 0;
  const sleeps = new Set<{ until: number; wake(): void }>();
  return {
    now: () => (startMs + elapsed) as Instant,
    elapsedMs: () => elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleep = {
          until: elapsed + ms,
          wake() {
            sleeps.delete(sleep);
            signal?.removeEventListener("abort", sleep.wake);
            resolve();
          },
        };
        sleeps.add(sleep);
        signal?.addEventListener("abort", sleep.wake);
      }),
    advance(ms) {
      elapsed += ms;
      for (const sleep of [...sleeps].sort((a, b) => a.until - b.until)) {
        if (sleep.until <= elapsed) sleep.wake();
      }
    },
    sleeping: () => sleeps.size,
  };
}
