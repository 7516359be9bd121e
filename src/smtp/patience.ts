import type { SmtpLimits } from "./limits.ts";
import { replies } from "./replies.ts";

/** What a peer may do in vain, each with a limit of its own. */
export type Vain = "bad" | "idle" | "refused" | "login";

/** Counts what a peer does in vain and says when it is enough. None of it is mail, so ending the session loses none. */
export class Patience {
  readonly #counts: Record<Vain, number> = { bad: 0, idle: 0, refused: 0, login: 0 };
  readonly #limits: Readonly<SmtpLimits>;

  constructor(limits: Readonly<SmtpLimits>) {
    this.#limits = limits;
  }

  /** Counts one more; the reply that ends the session when it was one too many, else null. */
  spend(vain: Vain): string | null {
    this.#counts[vain] += 1;
    const { max, reply } = this.#rule(vain);
    return this.#counts[vain] > max ? reply : null;
  }

  /** Mail was accepted: whoever brings mail may also say NOOP. */
  renew(): void {
    this.#counts.idle = 0;
  }

  #rule(vain: Vain): { max: number; reply: string } {
    switch (vain) {
      case "bad":
        return { max: this.#limits.badCommandsMax, reply: replies.badMany };
      case "idle":
        return { max: this.#limits.idleCommandsMax, reply: replies.idleMany };
      case "refused":
        return { max: this.#limits.refusedRecipientsMax, reply: replies.refusedMany };
      case "login":
        return { max: this.#limits.failedLoginsMax, reply: replies.loginsMany };
    }
  }
}
