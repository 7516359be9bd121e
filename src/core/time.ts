/** Milliseconds since 1970-01-01 UTC. */
export type Instant = number & { readonly __brand: "Instant" };

/** Time, as the product may ask for it. The simulation swaps it, so nothing else may read a clock. */
export interface Clock {
  /** The wall clock: may jump; the only time that is put on record. */
  now(): Instant;
  /** Monotonic milliseconds within this process, for deadlines and measuring only. */
  elapsedMs(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness, as the product may ask for it. */
export interface Entropy {
  /** `count` bytes fit for keys and ids. */
  bytes(count: number): Buffer;
}
