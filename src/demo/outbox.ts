import type { Sample } from "./sample-mail.ts";
import type { Sender } from "./sender.ts";

/** Mail that waits to be taken, as in a mail server's queue: in order, and kept until it is answered 250. */
export class Outbox {
  readonly #sender: Sender;
  readonly #addresses: Readonly<Record<Sample["connector"], string>>;
  #waiting: Sample[] = [];
  #refusal: string | null = null;

  constructor(sender: Sender, addresses: Readonly<Record<Sample["connector"], string>>) {
    this.#sender = sender;
    this.#addresses = addresses;
  }

  /** Mail not taken so far, and what was said to the first of it. */
  get waiting(): { count: number; refusal: string | null } {
    return { count: this.#waiting.length, refusal: this.#refusal };
  }

  /** Queues mail, then sends what waits until the end or the first that is not taken. Never throws. */
  async send(...mail: readonly Sample[]): Promise<void> {
    this.#waiting.push(...mail);
    this.#refusal = null;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      try {
        await this.#sender.send(first, this.#addresses[first.connector]);
      } catch (error) {
        this.#refusal = error instanceof Error ? error.message : String(error);
        return;
      }
      this.#waiting.shift();
    }
  }
}
