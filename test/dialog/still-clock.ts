import type { Clock, Entropy, Instant } from "#core/index.ts";

/** A clock that stands still until it is advanced. */
export class StillClock implements Clock {
  #elapsedMs = 0;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  now(): Instant {
    return (startedAt + this.#elapsedMs) as Instant;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { untilMs: this.#elapsedMs + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => this.#sleepers.delete(sleeper));
  }

  /** Lets `ms` milliseconds pass at once. */
  advance(ms: number): void {
    this.#elapsedMs += ms;
    for (const sleeper of this.#sleepers) if (sleeper.untilMs <= this.#elapsedMs) sleeper.wake();
  }
}

/** Noon of some day: any fixed time will do. */
const startedAt = Date.UTC(2024, 1, 29, 12);

/** Bytes that count up, so that every id of a test is another and every run's are the same. */
export function countingEntropy(): Entropy {
  let count = 0;
  return {
    bytes(length) {
      count += 1;
      return Buffer.alloc(length, count % 256);
    },
  };
}
