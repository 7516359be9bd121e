/** Work on one mailbox at a time, in the order it was asked for. */
export interface Turns {
  /**
   * Does `work` when it is its turn and no more than the most run at a time. Its signal aborts when somebody asks for the
   * mailbox.
   */
  take<T>(mailbox: string, work: (asked: AbortSignal) => Promise<T>): Promise<T>;
  /** Asks whoever has the mailbox to come to an end. */
  ask(mailbox: string): void;
  /** Resolves once nobody has or waits for a mailbox. */
  idle(): Promise<void>;
}

/** @param most mailboxes worked on at a time; a mailbox's own queue does not count */
export function createTurns(most: number): Turns {
  const last = new Map<string, Promise<unknown>>();
  const holders = new Map<string, AbortController>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function held<T>(mailbox: string, work: (asked: AbortSignal) => Promise<T>): Promise<T> {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    const holder = new AbortController();
    holders.set(mailbox, holder);
    try {
      return await work(holder.signal);
    } finally {
      holders.delete(mailbox);
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    take(mailbox, work) {
      const before = last.get(mailbox) ?? Promise.resolve();
      const turn = before.then(
        () => held(mailbox, work),
        () => held(mailbox, work),
      );
      last.set(mailbox, turn);
      const forget = () => {
        if (last.get(mailbox) === turn) last.delete(mailbox);
      };
      turn.then(forget, forget);
      return turn;
    },
    async idle() {
      while (last.size > 0) await Promise.allSettled(last.values());
    },
    ask: (mailbox) => holders.get(mailbox)?.abort(),
  };
}
