import { Failure } from "#core/index.ts";

/**
 * Runs work at most `atOnceMax` at a time, the rest in order of asking.
 *
 * Returns a function that resolves as its work does. It throws `AUTH-BUSY` (retry later), without running the work, when
 * `waitingMax` wait already.
 */
export function createTurns(atOnceMax: number, waitingMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax) {
        throw new Failure("AUTH-BUSY", "later", "too many people are signing in at once; try again in a moment");
      }
      // Whoever ends hands its place on, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
