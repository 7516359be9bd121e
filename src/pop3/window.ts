/** Work that is under way, bounded in number and in weight; one piece alone may weigh more. */
export class Window {
  readonly #countMax: number;
  readonly #weightMax: number;
  #count = 0;
  #weight = 0;
  #waiting: (() => void)[] = [];

  constructor(countMax: number, weightMax: number) {
    this.#countMax = countMax;
    this.#weightMax = weightMax;
  }

  /** Begins `work` once there is room for it, and resolves then. `work` deals with its own failures. */
  async begin(weight: number, work: () => Promise<void>): Promise<void> {
    while (this.#count > 0 && (this.#count >= this.#countMax || this.#weight + weight > this.#weightMax))
      await this.#change();
    this.#count += 1;
    this.#weight += weight;
    void work().finally(() => {
      this.#count -= 1;
      this.#weight -= weight;
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Resolves once nothing is under way. */
  async empty(): Promise<void> {
    while (this.#count > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
