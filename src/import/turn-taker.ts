/** Lets so many at once through a door, the others in the order in which they came. */
export interface TurnTaker {
  /** Resolves when it is one's turn, with what must be called when it is over. */
  take(): Promise<() => void>;
}

/** A door that lets `limit` through at once. */
export function turnTaker(limit: number): TurnTaker {
  const waiting: (() => void)[] = [];
  let taken = 0;
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
  return {
    take: () =>
      new Promise((resolve) => {
        const enter = () => resolve(leave);
        if (taken >= limit) waiting.push(enter);
        else {
          taken += 1;
          enter();
        }
      }),
  };
}
