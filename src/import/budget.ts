import { Failure, MiB } from "#core/index.ts";

/** Octets that any file may unfold to, however small it is. */
const unfoldedFloorBytes = 64 * MiB;
/** Times its own size that a file may unfold to beyond that: mail shrinks to a tenth, deflate reaches a thousandth. */
const unfoldedRatioMax = 200;
/** Members read of one file on disk, nested ones included. */
const membersMax = 1_000_000;
/** Octets of nested ZIP archives held at once: their table of contents is at their end. */
const heldBytesMax = 128 * MiB;
/** Containers inside one another that are opened; some unfold to themselves for ever. */
export const containersDepthMax = 10;

/**
 * What one file on disk may cost: octets that come out of it, members, octets held.
 *
 * Whatever a container claims of itself is not believed and nothing is allocated by it. Once something is used up the
 * rest of the file stays unread: every further call throws, {@link isSpent} tells why.
 */
export class Budget {
  #unfoldedLeft: number;
  #membersLeft = membersMax;
  #held = 0;
  isSpent = false;

  /** @param fileBytes size of the file on disk */
  constructor(fileBytes: number) {
    this.#unfoldedLeft = unfoldedFloorBytes + unfoldedRatioMax * fileBytes;
  }

  /** Counts octets that came out of a container. Throws `IMPORT-UNREADABLE` when the file unfolds to too much. */
  unfold(bytes: number): void {
    this.#unfoldedLeft -= bytes;
    if (this.#unfoldedLeft < 0) this.#spend(`it unfolds to more than ${unfoldedRatioMax} times its size`);
  }

  /** Counts a member. Throws `IMPORT-UNREADABLE` when there are too many. */
  member(): void {
    this.#membersLeft -= 1;
    if (this.#membersLeft < 0) this.#spend(`it has more than ${membersMax} members`);
  }

  /** How many octets may still be held. */
  holdable(): number {
    return heldBytesMax - this.#held;
  }

  /** Counts octets that are held until they are let go, which are counted with a minus. */
  hold(bytes: number): void {
    this.#held += bytes;
  }

  #spend(what: string): never {
    this.isSpent = true;
    const reason = `${what}; the rest of it is left unread`;
    throw new Failure("IMPORT-UNREADABLE", "never", `cannot read on: ${reason}`, { publicText: reason });
  }
}
