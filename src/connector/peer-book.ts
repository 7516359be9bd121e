import type { Clock, Destination, Hop, Instant } from "#core/index.ts";
import { addressIn, type PeerRefusal } from "#smtp/index.ts";
import type { Lacking, Sender } from "#spool/index.ts";
import { BoundedLines } from "./bounded-lines.ts";
import type { DeliveredLine, PeerLists, PeerOwner, RefusedLine, TurnedAwayLine } from "./peer-lines.ts";

/** Who came to the SMTP listeners, by connector, in bounded memory. Nothing here waits or does I/O. */
export class PeerBook {
  readonly #clock: Pick<Clock, "now">;
  readonly #pages = new Map<string, Page>();
  #changes = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Notes an item that became durable. Its peer lacks nothing any more. */
  delivered(hop: Hop, destination: Destination): void {
    const address = addressIn(hop.peer ?? "");
    const { helo, tls } = hop;
    const page = this.#page(ownerOf(destination));
    page.turnedAway.remove((line) => line.address === address);
    page.delivered.add({
      ...this.#once({ address, helo, tls }),
      user: hop.user ?? null,
      certificate: hop.certificate?.sha256 ?? null,
    });
  }

  /** Notes a sender that was told 451 because of what it lacks. */
  turnedAway(sender: Sender, destination: Destination, lacking: Lacking): void {
    this.#page(ownerOf(destination)).turnedAway.add({ ...this.#once(sender), lacking });
  }

  /** Notes a 5xx, for each of the connectors it concerns; for none when it concerns none that we know. */
  refused(refusal: PeerRefusal, concerned: readonly PeerOwner[]): void {
    const { peer, helo, tls, command, reply, reason } = refusal;
    const line = { ...this.#once({ address: addressIn(peer), helo, tls }), command, reply, reason };
    for (const owner of concerned.length === 0 ? [null] : concerned) this.#page(owner).refused.add(line);
  }

  /** What is known of the peers of one connector, or with null of those that belong to none. */
  of(owner: PeerOwner | null): PeerLists {
    const page = this.#pages.get(keyOf(owner));
    return page === undefined ? { delivered: [], turnedAway: [], refused: [], forgotten: 0 } : listsOf(page);
  }

  /** Grows with every note. */
  get changes(): number {
    return this.#changes;
  }

  /** Everything, to be read back with {@link PeerBook.restore}. */
  entries(): [owner: PeerOwner | null, lists: PeerLists][] {
    return [...this.#pages.values()].map((page) => [page.owner, listsOf(page)]);
  }

  /** Takes back what `entries` gave, into a book that is empty. */
  restore(entries: readonly [owner: PeerOwner | null, lists: PeerLists][]): void {
    for (const [owner, { delivered, turnedAway, refused }] of entries) {
      const page = this.#page(owner);
      for (const line of delivered) page.delivered.add(line);
      for (const line of turnedAway) page.turnedAway.add(line);
      for (const line of refused) page.refused.add(line);
    }
  }

  #once({ address, helo, tls }: { address: string; helo: string | null; tls: string | null }) {
    const now: Instant = this.#clock.now();
    return { address, helo, tls, times: 1, firstAt: now, lastAt: now };
  }

  #page(owner: PeerOwner | null): Page {
    this.#changes += 1;
    const key = keyOf(owner);
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const page: Page = {
      owner,
      delivered: new BoundedLines((line) => line.address),
      turnedAway: new BoundedLines((line) => line.address),
      refused: new BoundedLines(({ address, reply, command }) => `${address} ${reply} ${command}`),
    };
    this.#pages.set(key, page);
    return page;
  }
}

interface Page {
  owner: PeerOwner | null;
  delivered: BoundedLines<DeliveredLine>;
  turnedAway: BoundedLines<TurnedAwayLine>;
  refused: BoundedLines<RefusedLine>;
}

function listsOf({ delivered, turnedAway, refused }: Page): PeerLists {
  return {
    delivered: delivered.list(),
    turnedAway: turnedAway.list(),
    refused: refused.list(),
    forgotten: delivered.forgotten + turnedAway.forgotten + refused.forgotten,
  };
}

function ownerOf({ tenant, connector }: Destination): PeerOwner {
  return { tenant, id: connector };
}

function keyOf(owner: PeerOwner | null): string {
  return owner === null ? "" : `${owner.tenant}/${owner.id}`;
}
