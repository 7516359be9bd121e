import { createHash } from "node:crypto";
import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, PackEntry } from "#catalogue/index.ts";
import {
  isFailure,
  type Log,
  type MessageId,
  must,
  type PackId,
  type ReceiptId,
  type Sha256,
  type TenantId,
} from "#core/index.ts";
import { type OpenPackKey, openPack, packBlobName, packOfBlob, readDirectory } from "#pack/index.ts";
import { type DirectoryBatch, readBatches } from "./directory.ts";

/** Messages looked up at once. */
const messagesAtOnce = 200;

/** What taking packs into the catalogue needs. */
export interface AdoptParts {
  blobs: BlobStore;
  catalogue: ArchiveCatalogue;
  openKey: OpenPackKey;
  log: Log;
  /** Reads a pack back whole, see {@link provePack}; throws when anything in it does not hold. */
  prove(tenant: TenantId, pack: PackId): Promise<unknown>;
}

/** A message that is gone with its pack, and the captures of it that other packs still tell of. */
export interface LostMessage {
  message: MessageId;
  /** The pack that names it. */
  pack: PackId;
  receipts: ReceiptId[];
}

/** What was taken in, and which packs could not be. */
export interface Adopted {
  packs: number;
  receipts: number;
  unreadable: { pack: PackId; detail: string }[];
  /** Messages that a pack names and that lie in none of those that could be read. Their receipts were not entered. */
  lost: LostMessage[];
  /** The last pack in the store by name, readable or not; null when there is none. */
  newest: PackId | null;
}

async function packEntry(
  parts: AdoptParts,
  tenant: TenantId,
  pack: PackId,
  createdAt: PackEntry["createdAt"],
): Promise<PackEntry> {
  const blob = packBlobName({ tenant, pack });
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of parts.blobs.get(blob)) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { pack, blob, bytes, sha256: hash.digest("hex") as Sha256, createdAt };
}

/**
 * Enters `batches` by `enter`. Where that fails because they name messages that are nowhere, those receipts are left out and
 * told, and the rest is entered.
 */
async function enterWhatHolds<Answer>(
  { catalogue, log }: AdoptParts,
  tenant: TenantId,
  batches: DirectoryBatch[],
  lost: (message: MessageId, receipts: ReceiptId[]) => void,
  enter: (batches: DirectoryBatch[]) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await enter(batches);
  } catch (error) {
    if (!isFailure(error, "CATALOGUE-FAULT")) throw error;
    const here = new Set(batches.flatMap(({ messages }) => messages.map(({ id }) => id)));
    const receipts = batches.flatMap((batch) => batch.receipts).filter(({ message }) => !here.has(message));
    const named = [...new Set(receipts.map(({ message }) => message))];
    for (let start = 0; start < named.length; start += messagesAtOnce)
      for (const { id } of await catalogue.messages(tenant, named.slice(start, start + messagesAtOnce))) here.add(id);
    const gone = Map.groupBy(
      receipts.filter(({ message }) => !here.has(message)),
      ({ message }) => message,
    );
    if (gone.size === 0) throw error;
    for (const [message, captures] of gone) {
      log("adopt.message_missing", { tenant, message, receipts: captures.length });
      lost(
        message,
        captures.map(({ receipt }) => receipt),
      );
    }
    return enter(
      batches.map((batch) => ({ ...batch, receipts: batch.receipts.filter(({ message }) => here.has(message)) })),
    );
  }
}

/** @param entered packs that are in the catalogue now; kept so */
async function adoptPack(
  parts: AdoptParts,
  tenant: TenantId,
  pack: PackId,
  entered: Set<PackId>,
  adopted: Adopted,
): Promise<void> {
  const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
  let isDamaged = false;
  const lines = readDirectory(parts.blobs, open, (offset) => {
    isDamaged = true;
    parts.log("adopt.directory_damaged", { tenant, pack, offset });
  });
  const { merged, batches } = await readBatches(lines);
  const lost = (message: MessageId, receipts: ReceiptId[]) => adopted.lost.push({ message, pack, receipts });
  // What is left of a damaged directory is entered, and takes nobody's place.
  if (merged === null || isDamaged) {
    const [first] = batches;
    must(first !== undefined, "a directory has a batch");
    const entry = await packEntry(parts, tenant, pack, merged?.mergedAt ?? first.archivedAt);
    for (const batch of batches) {
      const outcomes = await enterWhatHolds(parts, tenant, [batch], lost, ([held]) =>
        parts.catalogue.commit(tenant, { ...held!, pack: entry }),
      );
      adopted.receipts += outcomes.length;
    }
    entered.add(pack);
    return;
  }
  // Where it would take the place of packs that are there it must be as good as they are; where they are gone it is all
  // there is.
  if (merged.replaces.some((replaced) => entered.has(replaced))) await parts.prove(tenant, pack);
  const entry = await packEntry(parts, tenant, pack, merged.mergedAt);
  const added = await enterWhatHolds(parts, tenant, batches, lost, (held) =>
    parts.catalogue.merge(tenant, { pack: entry, replaces: merged.replaces, batches: held }),
  );
  entered.add(pack);
  for (const replaced of merged.replaces) entered.delete(replaced);
  adopted.receipts += added.receipts;
}

/**
 * Takes packs of the store that the catalogue does not know into it, oldest first: those a crash left between store and
 * catalogue, those a restored older catalogue lacks, or all of them when the catalogue is empty. A merged pack comes after
 * those it was made of, whose ids are smaller, and takes the place of what is left of them.
 *
 * May be repeated and interrupted. A pack that cannot be read is reported and left where it is; so is a message that is gone
 * with one, and everything else is entered.
 */
export async function adoptPacks(
  parts: AdoptParts,
  tenant: TenantId,
  report: (done: number, total: number) => void,
): Promise<Adopted> {
  const entered = new Set((await parts.catalogue.packs(tenant)).map(({ pack }) => pack));
  const superseded = new Set((await parts.catalogue.superseded(tenant)).map(({ pack }) => pack));
  const missing: PackId[] = [];
  let newest: PackId | null = null;
  for await (const name of parts.blobs.list(`packs/${tenant}/`)) {
    const pack = packOfBlob(name)?.pack;
    if (pack === undefined) continue;
    newest = pack;
    if (!entered.has(pack) && !superseded.has(pack)) missing.push(pack);
  }
  const adopted: Adopted = { packs: 0, receipts: 0, unreadable: [], lost: [], newest };
  for (const pack of missing) {
    try {
      await adoptPack(parts, tenant, pack, entered, adopted);
      adopted.packs += 1;
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
      adopted.unreadable.push({ pack, detail: error.message });
      parts.log("adopt.pack_unreadable", { tenant, pack, code: error.code, message: error.message });
    }
    report(adopted.packs + adopted.unreadable.length, missing.length);
  }
  return adopted;
}
