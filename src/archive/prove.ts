import { createHash } from "node:crypto";
import type { BlobStore } from "#blob/index.ts";
import type { PartEntry } from "#catalogue/index.ts";
import { Failure, isFailure, MiB, type PartName, type Sha256, type TenantId } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import {
  createFrameReader,
  type Elsewhere,
  encodeStoredAt,
  nothingElsewhere,
  type OpenPack,
  readStored,
  type StoredPiece,
} from "#pack/index.ts";
import type { BatchLayout } from "./layout.ts";
import type { PackOpener } from "./pack-opener.ts";
import type { ItemReading } from "./read-item.ts";

/** Plain frames kept at hand: the parts of neighbouring messages mostly share frames. */
const heldFramesBytes = 4 * MiB;

/** What has been written, as it is read back. */
export interface WrittenLayout {
  tenant: TenantId;
  pack: OpenPack;
  readings: readonly ItemReading[];
  layout: BatchLayout;
  storedAt: readonly StoredPiece[][];
  /** Parts that lie in other packs. */
  stored: ReadonlyMap<PartName, PartEntry>;
}

/**
 * Puts every message and report together from the store and compares digests: only this allows the spool to let go.
 *
 * Objects are read in the order in which they were written, so most frames are read once.
 * @returns digests of what has parts and does not come back; it is to be stored without
 * @throws `PACK-UNPROVED` for what has none, and what the blob store throws
 */
export async function unproved(blobs: BlobStore, opened: PackOpener, written: WrittenLayout): Promise<Set<Sha256>> {
  const { tenant, pack, readings, layout, storedAt, stored } = written;
  const frames = createFrameReader(blobs, heldFramesBytes);
  const bytesOf = new Map<string, Uint8Array>(readings.map(({ message }) => [message.id, message.bytes]));
  const placeOf = (object: number): StoredPiece[] => storedAt[object] ?? [];

  async function* part(name: PartName): Bytes {
    const object = layout.part.get(name);
    const entry = stored.get(name);
    if (object !== undefined) yield* readStored(frames, pack, encodeStoredAt(placeOf(object)), nothingElsewhere);
    else if (entry !== undefined)
      yield* readStored(frames, await opened(tenant, entry.pack), entry.storedAt, nothingElsewhere);
  }
  const elsewhere: Elsewhere = {
    // The message itself is proved by its own digest.
    named: async function* (name) {
      yield bytesOf.get(name) ?? new Uint8Array();
    },
    part: (name) => part(name as PartName),
  };

  async function isProved(object: number, expected: Sha256): Promise<boolean> {
    const hash = createHash("sha256");
    for await (const piece of readStored(frames, pack, encodeStoredAt(placeOf(object)), elsewhere)) hash.update(piece);
    return hash.digest("hex") === expected;
  }

  const failed = new Set<Sha256>();
  async function prove(object: number, expected: Sha256): Promise<void> {
    const hasParts = placeOf(object).some(({ kind }) => kind === "part");
    try {
      if (await isProved(object, expected)) return;
    } catch (error) {
      // A part may be lost or unreadable for a while; the message need not wait for it.
      if (!hasParts || !isFailure(error)) throw error;
    }
    if (!hasParts)
      throw new Failure("PACK-UNPROVED", "later", `pack ${pack.pack} gave back other bytes than were written`, {
        effect: "the mail stays on the spool and is archived again",
      });
    failed.add(expected);
  }
  for (const [digest, object] of layout.message) await prove(object, digest);
  for (const [index, object] of layout.report.entries()) {
    const report = readings[index]?.report;
    if (object !== null && report) await prove(object, report.sha256);
  }
  return failed;
}
