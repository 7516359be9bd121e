import type { Clock, Instant } from "#core/index.ts";

/** A clock that moves only when it is told to: sleepers wake in order of their time. */
export interface SimClock extends Clock {
  /** Moves both clocks forward, waking whoever is due. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock alone, as an administrator or NTP might. */
  jump(to: Instant): void;
}

export function createSimClock(start: Instant): SimClock {
  let wall = start as number;
  let elapsed = 0;
  let sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => wall as Instant,
    elapsedMs: () => elapsed,
    sleep: (ms, signal) => {
      if (signal?.aborted || ms <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = { at: elapsed + ms, wake: () => finish() };
        const finish = () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          signal?.removeEventListener("abort", finish);
          resolve();
        };
        signal?.addEventListener("abort", finish);
        sleepers.push(sleeper);
      });
    },
    advance: async (ms) => {
      const until = elapsed + ms;
      for (;;) {
        const next = sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        wall += next.at - elapsed;
        elapsed = next.at;
        next.wake();
        await Promise.resolve();
      }
      wall += until - elapsed;
      elapsed = until;
    },
    jump: (to) => {
      wall = to;
    },
  };
}
