import { createHmac } from "node:crypto";
import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow, PartEntry } from "#catalogue/index.ts";
import { Failure, type MessageId, type PackId, type PartName, partNameOf, type TenantId } from "#core/index.ts";
import {
  createFrameReader,
  nothingElsewhere,
  type OpenPack,
  type OpenPackKey,
  openPack,
  readDirectory,
  readStored,
} from "#pack/index.ts";
import { type Directory, readBatches } from "./directory.ts";
import { createRetrieval } from "./retrieve.ts";

/** What proving a pack that stands in for others needs. */
export interface ProvePackParts {
  blobs: BlobStore;
  /** Where messages and parts lie that are not in the pack. */
  catalogue: Pick<ArchiveCatalogue, "messages" | "parts">;
  openKey: OpenPackKey;
  partKey(tenant: TenantId): Promise<Uint8Array>;
}

/** Plain frames kept at hand: two of the largest. */
const heldFramesBytes = 2 * 1024 * 1024;

/** A pack's directory, every frame of it. Throws `PACK-DAMAGED` where one does not open. */
export async function wholeDirectory(blobs: BlobStore, pack: OpenPack): Promise<Directory> {
  return readBatches(
    readDirectory(blobs, pack, (offset) => {
      throw new Failure("PACK-DAMAGED", "never", `pack ${pack.pack}: the directory at ${offset} does not open`);
    }),
  );
}

/**
 * Reads a pack back from the store, and from nothing else what lies in it: every part has the bytes it is named by, every
 * message and report the digest its entry states.
 *
 * @returns its directory
 * @throws `PACK-DAMAGED` or what the store throws when anything does not hold
 */
export async function provePack(parts: ProvePackParts, tenant: TenantId, pack: PackId): Promise<Directory> {
  const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
  const directory = await wholeDirectory(parts.blobs, open);
  const { batches } = directory;
  const partsHere = new Map(batches.flatMap((batch) => batch.parts.map((part) => [part.name, part])));
  const messagesHere = new Map(batches.flatMap((batch) => batch.messages.map((message) => [message.id, message])));
  await proveParts(parts, open, [...partsHere.values()]);

  const retrieval = createRetrieval({
    blobs: parts.blobs,
    openKey: parts.openKey,
    catalogue: {
      messages: async (_tenant, ids: readonly MessageId[]) => {
        const here = ids
          .flatMap((id) => messagesHere.get(id) ?? [])
          .map((row): MessageRow => ({ ...row, receipts: [] }));
        const elsewhere = ids.filter((id) => !messagesHere.has(id));
        return elsewhere.length === 0 ? here : [...here, ...(await parts.catalogue.messages(tenant, elsewhere))];
      },
      parts: async (_tenant, names: readonly PartName[]) => {
        const here = names.flatMap((name) => partsHere.get(name) ?? []);
        const elsewhere = names.filter((name) => !partsHere.has(name));
        return elsewhere.length === 0 ? here : [...here, ...(await parts.catalogue.parts(tenant, elsewhere))];
      },
    },
  });
  for (const { messages, receipts } of batches) {
    for (const message of messages) for await (const piece of retrieval.message(tenant, message)) void piece;
    for (const { report } of receipts)
      if (report !== null) for await (const piece of retrieval.report(tenant, report)) void piece;
  }
  return directory;
}

async function proveParts(parts: ProvePackParts, open: OpenPack, entries: readonly PartEntry[]): Promise<void> {
  const frames = createFrameReader(parts.blobs, heldFramesBytes);
  const partKey = await parts.partKey(open.tenant);
  for (const { name, storedAt } of entries) {
    const mac = createHmac("sha256", partKey);
    for await (const piece of readStored(frames, open, storedAt, nothingElsewhere)) mac.update(piece);
    if (partNameOf(mac.digest()) !== name)
      throw new Failure("PACK-DAMAGED", "never", `pack ${open.pack}: part ${name} has other bytes`);
  }
}
