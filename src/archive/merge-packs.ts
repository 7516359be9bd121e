import type { BlobStore } from "#blob/index.ts";
import type { CatalogueMerge, PackEntry } from "#catalogue/index.ts";
import { type Clock, Failure, must, type PackId, type TenantId } from "#core/index.ts";
import type { PackKey } from "#keyring/index.ts";
import {
  copiedBody,
  isPackAsWritten,
  type MovedTo,
  type OpenPack,
  openPack,
  packBlobName,
  readDirectory,
} from "#pack/index.ts";
import { type DirectoryBatch, type Merged, mergedDirectory } from "./directory.ts";
import { type ProvePackParts, provePack, wholeDirectory } from "./prove-pack.ts";

/** What merging needs; the archive worker and the simulation give it theirs. */
export interface MergeParts extends ProvePackParts {
  blobs: BlobStore;
  clock: Clock;
  createPackKey(tenant: TenantId, pack: PackId): Promise<PackKey>;
}

/** Packs of one tenant that stand next to each other, in order, and the id of the one that is to take their place. */
export interface MergeRequest {
  tenant: TenantId;
  pack: PackId;
  sources: readonly PackEntry[];
}

/** A pack to merge, and what its directory says. */
interface Source {
  open: OpenPack;
  replaced: readonly PackId[];
  batches: readonly DirectoryBatch[];
}

async function readSource(parts: MergeParts, tenant: TenantId, { pack, sha256 }: PackEntry): Promise<Source> {
  // Before anything else: damage must neither be copied nor left behind where nobody looks any more.
  if (!(await isPackAsWritten(parts.blobs, packBlobName({ tenant, pack }), sha256)))
    throw new Failure("PACK-DAMAGED", "never", `pack ${pack} is not as it was written, so it is not merged`, {
      effect: "it stays as it is; verify names what is damaged",
    });
  const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
  const { merged, batches } = await wholeDirectory(parts.blobs, open);
  return { open, replaced: merged?.replaces ?? [], batches };
}

/** The entries of a batch as they are once its pack's content lies in `pack`. */
function movedBatch(batch: DirectoryBatch, from: PackId, pack: PackId, moved: MovedTo): DirectoryBatch {
  const place = <Entry extends { pack: PackId; storedAt: string }>(entry: Entry): Entry => ({
    ...entry,
    pack,
    storedAt: moved(from, entry.storedAt),
  });
  return {
    archivedAt: batch.archivedAt,
    parts: batch.parts.map(place),
    messages: batch.messages.map(place),
    receipts: batch.receipts.map((receipt) => ({
      ...receipt,
      report: receipt.report === null ? null : place(receipt.report),
    })),
  };
}

/**
 * Writes one pack with everything that stands in others, and proves it by reading it back: its directory says what theirs
 * say, and every part, message and report has its digest.
 *
 * Resolves when the pack is durable and proved; the catalogue knows nothing of it yet and the others are as they were.
 * @throws `PACK-DAMAGED` when one of them is not as it was written, `PACK-UNPROVED`, and what the store throws; then the new
 *   pack may be in the store or not, and is to be removed
 */
export async function mergePacks(parts: MergeParts, request: MergeRequest): Promise<CatalogueMerge> {
  const { tenant, pack } = request;
  const sources: Source[] = [];
  for (const entry of request.sources) sources.push(await readSource(parts, tenant, entry));
  const mergedAt = parts.clock.now();
  const merged: Merged = { mergedAt, replaces: sources.flatMap(({ open, replaced }) => [...replaced, open.pack]) };
  const { key, wrapped } = await parts.createPackKey(tenant, pack);
  let batches: DirectoryBatch[] = [];
  let written: { bytes: number; sha256: PackEntry["sha256"] } | undefined;
  const copy = {
    ...{ tenant, pack, createdAt: mergedAt, key, wrappedKey: wrapped },
    sources: sources.map(({ open }) => open),
    directory: (moved: MovedTo) => {
      batches = sources.flatMap((source) =>
        source.batches.map((batch) => movedBatch(batch, source.open.pack, pack, moved)),
      );
      return mergedDirectory(merged, batches);
    },
  };
  const blob = packBlobName({ tenant, pack });
  await parts.blobs.put(blob, () =>
    copiedBody(parts.blobs, copy, (body) => {
      written = body;
    }),
  );
  must(written !== undefined, "a stored pack was written to its end");
  await proveMerged(parts, { tenant, pack }, [...mergedDirectory(merged, batches)]);
  return { pack: { pack, blob, ...written, createdAt: mergedAt }, replaces: merged.replaces, batches };
}

/** Reads the new pack back; what it says must be, line by line, what was to be written. */
async function proveMerged(
  parts: MergeParts,
  identity: { tenant: TenantId; pack: PackId },
  expected: readonly string[],
): Promise<void> {
  await provePack(parts, identity.tenant, identity.pack);
  const open = await openPack(parts.blobs, identity, parts.openKey);
  let at = 0;
  for await (const line of readDirectory(parts.blobs, open, () => undefined)) {
    if (line !== expected[at]) break;
    at += 1;
  }
  if (at !== expected.length)
    throw new Failure("PACK-UNPROVED", "later", `merged pack ${identity.pack} gave back another directory`, {
      effect: "the packs it was made of are as they were",
    });
}
