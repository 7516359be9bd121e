import type { SmtpLimits } from "./limits.ts";

/** Why a connection is turned away. */
export type Crowding = "all" | "others" | "address";

/** A connection's place among those that are open. */
export interface Place {
  /** Says whose it is; why it must leave when that address has no place, which is for the caller to see to. */
  claim(address: string): Crowding | null;
  /** Makes room. May be repeated. */
  leave(): void;
}

/**
 * Counts open connections, so that strangers can take neither the places of preferred senders nor each other's.
 *
 * Preferred addresses, from which journal mail is expected, are limited by the number of all connections only.
 */
export class Crowd {
  readonly #limits: Readonly<SmtpLimits>;
  readonly #isPreferred: (address: string) => boolean;
  readonly #othersByAddress = new Map<string, number>();
  #all = 0;
  #others = 0;

  /** @param isPreferred whether mail is expected from this address; no I/O */
  constructor(limits: Readonly<SmtpLimits>, isPreferred: (address: string) => boolean = () => false) {
    this.#limits = limits;
    this.#isPreferred = isPreferred;
  }

  /** A place for a connection whose peer may not be known yet; null when all are taken. */
  enter(): Place | null {
    if (this.#all >= this.#limits.connectionsMax) return null;
    this.#all += 1;
    let other: string | null = null;
    let isHere = true;
    return {
      claim: (address) => {
        if (this.#isPreferred(address)) return null;
        const ofAddress = this.#othersByAddress.get(address) ?? 0;
        if (ofAddress >= this.#limits.connectionsPerAddressMax) return "address";
        if (this.#others >= this.#limits.connectionsOfOthersMax) return "others";
        this.#othersByAddress.set(address, ofAddress + 1);
        this.#others += 1;
        other = address;
        return null;
      },
      leave: () => {
        if (!isHere) return;
        isHere = false;
        this.#all -= 1;
        if (other !== null) this.#letOtherGo(other);
      },
    };
  }

  #letOtherGo(address: string): void {
    this.#others -= 1;
    const left = (this.#othersByAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#othersByAddress.delete(address);
    else this.#othersByAddress.set(address, left);
  }
}
