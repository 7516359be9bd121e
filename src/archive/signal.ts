/** Lets many wait for "something changed". */
export interface ChangeSignal {
  raise(): void;
  /** Resolves at the next `raise`, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** A signal that nobody waits for yet. A `raise` is not remembered for later waiters. */
export function createChangeSignal(): ChangeSignal {
  const waiting = new Set<() => void>();
  return {
    raise: () => {
      for (const resolve of [...waiting]) resolve();
    },
    wait: (signal) => {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const finish = () => {
          waiting.delete(finish);
          signal.removeEventListener("abort", finish);
          resolve();
        };
        waiting.add(finish);
        signal.addEventListener("abort", finish);
      });
    },
  };
}
