import type { BlobStore } from "#blob/index.ts";
import type { CatalogueBatch, PackEntry, PartEntry } from "#catalogue/index.ts";
import {
  type Clock,
  type Entropy,
  type FailureFacts,
  failureFacts,
  type Instant,
  type MessageId,
  msOfTimedId,
  must,
  type PackId,
  type PartName,
  type Sha256,
  type TenantId,
  timedIdAfter,
} from "#core/index.ts";
import type { PackKey } from "#keyring/index.ts";
import { type PackIdentity, packBlobName, packBody, type StoredPiece, type WrittenPack } from "#pack/index.ts";
import type { SpooledItem, SpoolId } from "#spool/index.ts";
import { directoryOf } from "./directory.ts";
import { type BatchLayout, entriesOf, layOut, partsOf, splitBatch } from "./layout.ts";
import type { PackOpener } from "./pack-opener.ts";
import { unproved } from "./prove.ts";
import { type Distrust, type ItemReading, readItem } from "./read-item.ts";

/** What writing a batch needs; the archive worker and the simulation give it theirs. */
export interface BatchParts {
  blobs: BlobStore;
  clock: Clock;
  /** The item's bytes in one piece; throws `SPOOL-DAMAGED`. */
  load(item: SpooledItem): Promise<Uint8Array>;
  /** Which digests are stored already and need not be stored again. */
  knownMessages(tenant: TenantId, digests: readonly Sha256[]): Promise<Sha256[]>;
  /** Where those of these parts lie that are stored already. */
  knownParts(tenant: TenantId, names: readonly PartName[]): Promise<PartEntry[]>;
  createPackKey(tenant: TenantId, pack: PackId): Promise<PackKey>;
  /** The key under which the tenant's parts are named. */
  partKey(tenant: TenantId): Promise<Uint8Array>;
  /** Opens a pack in which a part lies, to prove what refers to it. */
  openPack: PackOpener;
}

/** A batch of one tenant's items, in order. */
export interface BatchRequest {
  tenant: TenantId;
  items: SpooledItem[];
  /** The id of the pack that is written if one is. Packs of a tenant are committed in the order of their ids. */
  pack: PackId;
  /** Leave the bytes unread, for this reason. */
  distrust: Distrust | null;
  /** Our own clock is in doubt: the age rule is suspended. */
  isClockUnsure: boolean;
}

/** The id of a tenant's next pack: after `newest`, whatever the clock says. */
export function nextPackId(newest: PackId | null, clock: Clock, entropy: Entropy): PackId {
  const previous = newest === null ? null : newest.slice(packPrefix.length);
  return `${packPrefix}${timedIdAfter(previous, clock.now(), entropy.bytes(10))}` as PackId;
}

const packPrefix = "pck_";

/** When a pack was made, by its id: never before the one that came before it. */
export function packTime(pack: PackId): Instant {
  return msOfTimedId(pack.slice(packPrefix.length)) as Instant;
}

/** A durable pack and what the catalogue is to say of it. */
export interface WrittenBatch {
  batch: CatalogueBatch;
  /** Text for search, by message. */
  texts: [MessageId, string][];
  /** Items that cannot be read from the spool, now (retry "later") or ever; they are in no pack. */
  failed: { id: SpoolId; failure: FailureFacts }[];
  /** Digests of what did not come back with parts and was stored without; a part it names elsewhere may be damaged. */
  doubted: Sha256[];
}

async function readItems(parts: BatchParts, request: BatchRequest) {
  const readings: ItemReading[] = [];
  const failed: WrittenBatch["failed"] = [];
  for (const item of request.items) {
    try {
      readings.push(readItem(item, await parts.load(item), request.distrust, request.isClockUnsure));
    } catch (error) {
      failed.push({ id: item.id, failure: failureFacts(error) });
    }
  }
  return { readings, failed };
}

/** A pack that is durable, and what of it does not come back as it was. */
interface PutPack {
  entry: PackEntry;
  entries: Omit<CatalogueBatch, "pack">;
  unproved: Set<Sha256>;
}

/** Writes one pack and reads it back. A pack that does not prove is removed again: nothing refers to it. */
async function putPack(
  parts: BatchParts,
  identity: PackIdentity,
  readings: readonly ItemReading[],
  layout: BatchLayout,
  stored: ReadonlyMap<PartName, PartEntry>,
): Promise<PutPack> {
  const archivedAt = parts.clock.now();
  const { tenant, pack } = identity;
  const { key, wrapped } = await parts.createPackKey(tenant, pack);
  let written: WrittenPack | undefined;
  const content = {
    ...identity,
    createdAt: archivedAt,
    key,
    wrappedKey: wrapped,
    objects: layout.objects,
    directory: (storedAt: readonly StoredPiece[][]) =>
      directoryOf(entriesOf(readings, layout, pack, archivedAt, storedAt)),
  };
  const blob = packBlobName(identity);
  await parts.blobs.put(blob, () =>
    packBody(content, (result) => {
      written = result;
    }),
  );
  must(written !== undefined, "a stored pack was written to its end");
  const { bytes, sha256, storedAt } = written;
  const open = { ...identity, key, name: blob };
  let failed: Set<Sha256>;
  try {
    failed = await unproved(parts.blobs, parts.openPack, { tenant, pack: open, readings, layout, storedAt, stored });
  } catch (error) {
    await parts.blobs.delete(blob);
    throw error;
  }
  if (failed.size > 0) await parts.blobs.delete(blob);
  return {
    entry: { pack, blob, bytes, sha256, createdAt: archivedAt },
    entries: entriesOf(readings, layout, pack, archivedAt, storedAt),
    unproved: failed,
  };
}

/**
 * Reads the items, stores what is new in one pack, and proves it by reading it back.
 *
 * Resolves when the pack is durable; the catalogue knows nothing of it yet.
 * @throws what the blob store throws, `PACK-UNPROVED`, `KEY-MISSING`; then nothing was promised, and the pack may be in the
 *   store or not: it is to be removed before its items are written into another one
 */
export async function writeBatch(parts: BatchParts, request: BatchRequest): Promise<WrittenBatch> {
  const { tenant, pack } = request;
  const { readings, failed } = await readItems(parts, request);
  if (readings.length === 0) {
    const batch = { pack: null, parts: [], messages: [], receipts: [], archivedAt: parts.clock.now() };
    return { batch, texts: [], failed, doubted: [] };
  }
  const known = new Set(await parts.knownMessages(tenant, [...new Set(readings.map(({ message }) => message.sha256))]));
  const partKey = await parts.partKey(tenant);
  const whole = new Set<Sha256>();
  // Each further round stores at least one thing more without parts, so there are no more rounds than things.
  for (;;) {
    const splits = splitBatch(readings, known, whole, partKey);
    const names = [...partsOf(splits).keys()];
    const stored = new Map(
      (names.length === 0 ? [] : await parts.knownParts(tenant, names)).map((entry) => [entry.name, entry]),
    );
    const put = await putPack(parts, { tenant, pack }, readings, layOut(readings, splits, stored), stored);
    if (put.unproved.size === 0)
      return {
        batch: { pack: put.entry, ...put.entries },
        texts: readings.map(({ message, text }) => [message.id, text]),
        failed,
        doubted: [...whole],
      };
    for (const digest of put.unproved) whole.add(digest);
  }
}
