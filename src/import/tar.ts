import { Readable } from "node:stream";
import { extract } from "tar-stream";
import type { Bytes } from "#disk/index.ts";
import type { Budget } from "./budget.ts";
import { readFault } from "./files.ts";
import type { Found } from "./found.ts";
import type { Member } from "./member.ts";
import { drained, type Pieces } from "./passing.ts";
import { inside, labelOf, nameOf, type Place } from "./place.ts";

/** A tar on its way. */
interface PassingTar {
  place: Place;
  bytes: Bytes;
  /** Containers that its members lie in. */
  depth: number;
}

/**
 * What the members of a tar are, or hold, as `read` finds.
 *
 * Members before a damage are found; the damage itself is one unreadable thing. Links and folders inside are passed over.
 * Throws only when the budget is spent.
 */
export async function* readTar(
  { place, bytes, depth }: PassingTar,
  budget: Budget,
  read: (member: Member) => AsyncIterable<Found>,
): AsyncIterable<Found> {
  const feed = new TarFeed(bytes);
  const members = extract();
  const source = Readable.from(feed.bytes());
  source.on("error", (error) => members.destroy(error));
  source.pipe(members);

  let ordinal = 0;
  let fault: unknown;
  try {
    for await (const entry of members) {
      const { header } = entry;
      const at = inside(place, header.name, ordinal);
      ordinal += 1;
      // A tar on disk is as long as its members are many; one that unfolds to millions is not.
      if (depth > 1) budget.member();
      const pieces = entry[Symbol.asyncIterator]() as Pieces;
      if (header.type === "file" || header.type === "contiguous-file")
        yield* read({ place: at, name: nameOf(at), size: header.size ?? 0, pieces, depth });
      await drained(pieces);
    }
  } catch (error) {
    fault = error;
  } finally {
    source.destroy();
    members.destroy();
  }
  fault = feed.fault ?? fault;
  if (budget.isSpent && fault !== undefined) throw fault;
  if (fault !== undefined)
    yield { kind: "unreadable", source: place.source, label: labelOf(place), reason: readFault(fault) };
}

/** The bytes of a tar. A fault ends them and is kept, so that what was read before it is still found. */
class TarFeed {
  fault: unknown;
  readonly #bytes: Bytes;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  async *bytes(): Bytes {
    try {
      yield* this.#bytes;
    } catch (error) {
      this.fault = error;
    }
  }
}
