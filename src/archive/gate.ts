/** Keeps one work from going on while others hold it up. */
export interface Gate {
  /** Resolves once what passed before is at its end; nothing passes until the returned function is called, once or more. */
  hold(): Promise<() => void>;
  readonly isHeld: boolean;
  /** Runs `work` as soon as nobody holds the gate; undefined when it was closed before. One at a time. */
  pass<Result>(work: () => Promise<Result>): Promise<Result | undefined>;
}

/** A gate that nobody holds. When `closing` aborts, who waits before it is told so, and nothing passes any more. */
export function createGate(closing: AbortSignal): Gate {
  let holders = 0;
  let opened = Promise.withResolvers<void>();
  let passing: Promise<unknown> = Promise.resolve();
  closing.addEventListener("abort", () => opened.resolve(), { once: true });

  return {
    hold: async () => {
      if (holders === 0 && !closing.aborted) opened = Promise.withResolvers();
      holders += 1;
      await passing;
      let isHolding = true;
      return () => {
        if (!isHolding) return;
        isHolding = false;
        holders -= 1;
        if (holders === 0) opened.resolve();
      };
    },
    get isHeld() {
      return holders > 0;
    },
    pass: async (work) => {
      while (holders > 0 && !closing.aborted) await opened.promise;
      if (closing.aborted) return undefined;
      const done = work();
      passing = done.catch(() => undefined);
      return done;
    },
  };
}
