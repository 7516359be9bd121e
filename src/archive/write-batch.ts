import { createHash } from "node:crypto";
import type { BlobStore } from "#blob/index.ts";
import type { CatalogueBatch, MessageEntry, PackEntry, ReceiptEntry, StoredAt } from "#catalogue/index.ts";
import {
  type Clock,
  type Entropy,
  Failure,
  type FailureFacts,
  failureFacts,
  type Instant,
  type MessageId,
  must,
  type PackId,
  type Sha256,
  type TenantId,
  timedIdAfter,
} from "#core/index.ts";
import type { PackKey } from "#keyring/index.ts";
import {
  createFrameReader,
  encodeStoredAt,
  type PackObject,
  packBlobName,
  packBody,
  readStored,
  type StoredPiece,
  type WrittenPack,
} from "#pack/index.ts";
import type { SpooledItem, SpoolId } from "#spool/index.ts";
import { directoryOf } from "./directory.ts";
import { type ItemReading, readItem } from "./read-item.ts";

/** What writing a batch needs; the archive worker and the simulation give it theirs. */
export interface BatchParts {
  blobs: BlobStore;
  clock: Clock;
  /** The item's bytes in one piece; throws `SPOOL-DAMAGED`. */
  load(item: SpooledItem): Promise<Uint8Array>;
  /** Which digests are stored already and need not be stored again. */
  knownMessages(tenant: TenantId, digests: readonly Sha256[]): Promise<Sha256[]>;
  createPackKey(tenant: TenantId, pack: PackId): Promise<PackKey>;
}

/** A batch of one tenant's items, in order. */
export interface BatchRequest {
  tenant: TenantId;
  items: SpooledItem[];
  /** The id of the pack that is written if one is. Packs of a tenant are committed in the order of their ids. */
  pack: PackId;
  /** Leave the bytes unread: one of these items has brought down a worker before. */
  isDistrusted: boolean;
}

/** The id of a tenant's next pack: after `newest`, whatever the clock says. */
export function nextPackId(newest: PackId | null, clock: Clock, entropy: Entropy): PackId {
  const previous = newest === null ? null : newest.slice(packPrefix.length);
  return `${packPrefix}${timedIdAfter(previous, clock.now(), entropy.bytes(10))}` as PackId;
}

const packPrefix = "pck_";

/** A durable pack and what the catalogue is to say of it. */
export interface WrittenBatch {
  batch: CatalogueBatch;
  /** Text for search, by message. */
  texts: [MessageId, string][];
  /** Items that cannot be read from the spool, now (retry "later") or ever; they are in no pack. */
  failed: { id: SpoolId; failure: FailureFacts }[];
}

async function readItems(parts: BatchParts, request: BatchRequest) {
  const readings: ItemReading[] = [];
  const failed: WrittenBatch["failed"] = [];
  for (const item of request.items) {
    try {
      readings.push(readItem(item, await parts.load(item), request.isDistrusted));
    } catch (error) {
      failed.push({ id: item.id, failure: failureFacts(error) });
    }
  }
  return { readings, failed };
}

/** What will be stored of the batch: each new message once, each report around its message. */
function objectsOf(readings: readonly ItemReading[], known: ReadonlySet<Sha256>) {
  const objects: PackObject[] = [];
  const messageObject = new Map<Sha256, number>();
  const reportObject: (number | null)[] = [];
  const add = (object: PackObject): number => objects.push(object) - 1;
  for (const { message } of readings)
    if (!known.has(message.sha256) && !messageObject.has(message.sha256))
      messageObject.set(message.sha256, add({ pieces: [message.bytes] }));
  for (const { message, report } of readings) {
    if (report === null) reportObject.push(null);
    else if (report.inner === null) reportObject.push(add({ pieces: [report.bytes] }));
    else {
      const before = report.bytes.subarray(0, report.inner.start);
      const after = report.bytes.subarray(report.inner.end);
      reportObject.push(add({ pieces: [before, { name: message.id, bytes: message.bytes.length }, after] }));
    }
  }
  return { objects, messageObject, reportObject };
}

type Objects = ReturnType<typeof objectsOf>;

/** The catalogue's entries, once it is known where everything lies. */
function entriesOf(
  readings: readonly ItemReading[],
  { messageObject, reportObject }: Objects,
  pack: PackId,
  archivedAt: Instant,
  storedAt: readonly StoredPiece[][],
): Omit<CatalogueBatch, "pack"> {
  const placeOf = (object: number): StoredAt => encodeStoredAt(storedAt[object] ?? []) as StoredAt;
  const messages: MessageEntry[] = [];
  const seen = new Set<Sha256>();
  const receipts: ReceiptEntry[] = [];
  readings.forEach(({ message, facts, report, receipt }, index) => {
    const object = messageObject.get(message.sha256);
    if (object !== undefined && !seen.has(message.sha256))
      messages.push({ ...facts, pack, storedAt: placeOf(object), archivedAt });
    seen.add(message.sha256);
    const place = reportObject[index];
    const reportEntry =
      report === null || place === null || place === undefined
        ? null
        : { sha256: report.sha256, bytes: report.bytes.length, pack, storedAt: placeOf(place), ...report.facts };
    receipts.push({ ...receipt, report: reportEntry });
  });
  return { messages, receipts, archivedAt };
}

/**
 * Reads everything back from the store and compares digests: only this allows the spool to let go.
 *
 * Objects are read in the order in which they were written, so each frame is read once.
 */
async function proveStored(
  parts: BatchParts,
  pack: { tenant: TenantId; pack: PackId; key: Uint8Array },
  readings: readonly ItemReading[],
  { messageObject, reportObject }: Objects,
  storedAt: readonly StoredPiece[][],
): Promise<void> {
  const open = { ...pack, name: packBlobName(pack) };
  const frames = createFrameReader(parts.blobs, 0);
  const bytesOf = new Map<string, Uint8Array>(readings.map(({ message }) => [message.id, message.bytes]));
  async function* named(name: string): AsyncGenerator<Uint8Array> {
    yield bytesOf.get(name) ?? new Uint8Array();
  }
  async function prove(object: number, expected: Sha256): Promise<void> {
    const hash = createHash("sha256");
    for await (const piece of readStored(frames, open, encodeStoredAt(storedAt[object] ?? []), named))
      hash.update(piece);
    if (hash.digest("hex") !== expected)
      throw new Failure("PACK-UNPROVED", "later", `pack ${pack.pack} gave back other bytes than were written`, {
        effect: "the mail stays on the spool and is archived again",
      });
  }
  for (const [digest, object] of messageObject) await prove(object, digest);
  for (const [index, object] of reportObject.entries()) {
    const report = readings[index]?.report;
    if (object !== null && report) await prove(object, report.sha256);
  }
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
  const archivedAt = parts.clock.now();
  if (readings.length === 0)
    return { batch: { pack: null, messages: [], receipts: [], archivedAt }, texts: [], failed };

  const known = new Set(await parts.knownMessages(tenant, [...new Set(readings.map(({ message }) => message.sha256))]));
  const objects = objectsOf(readings, known);
  const { key, wrapped } = await parts.createPackKey(tenant, pack);
  const identity = { tenant, pack };
  let written: WrittenPack | undefined;
  const content = {
    ...identity,
    createdAt: archivedAt,
    key,
    wrappedKey: wrapped,
    objects: objects.objects,
    directory: (storedAt: readonly StoredPiece[][]) =>
      directoryOf(entriesOf(readings, objects, pack, archivedAt, storedAt)),
  };
  const blob = packBlobName(identity);
  await parts.blobs.put(blob, () =>
    packBody(content, (result) => {
      written = result;
    }),
  );
  must(written !== undefined, "a stored pack was written to its end");
  await proveStored(parts, { ...identity, key }, readings, objects, written.storedAt);

  const entry: PackEntry = { pack, blob, bytes: written.bytes, sha256: written.sha256, createdAt: archivedAt };
  return {
    batch: { pack: entry, ...entriesOf(readings, objects, pack, archivedAt, written.storedAt) },
    texts: readings.map(({ message, text }) => [message.id, text]),
    failed,
  };
}
