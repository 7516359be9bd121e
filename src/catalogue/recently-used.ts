/** A map of at most `countMax` values; when one more is set, the one not used for the longest time is let go. */
export class RecentlyUsed<Value> {
  readonly #valueByKey = new Map<string, Value>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get(key: string): Value | undefined {
    const value = this.#valueByKey.get(key);
    if (value === undefined) return undefined;
    this.#valueByKey.delete(key);
    this.#valueByKey.set(key, value);
    return value;
  }

  /** Keeps `value`, and returns the value that had to go for it. */
  set(key: string, value: Value): Value | undefined {
    this.#valueByKey.set(key, value);
    if (this.#valueByKey.size <= this.#countMax) return undefined;
    const [oldest] = this.#valueByKey;
    return oldest === undefined ? undefined : this.take(oldest[0]);
  }

  /** Removes a value and returns it. */
  take(key: string): Value | undefined {
    const value = this.#valueByKey.get(key);
    this.#valueByKey.delete(key);
    return value;
  }

  keys(): string[] {
    return [...this.#valueByKey.keys()];
  }
}
