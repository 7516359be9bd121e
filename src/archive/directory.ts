import type { CatalogueBatch, MessageEntry, PartEntry, ReceiptEntry } from "#catalogue/index.ts";
import type { Instant, PackId } from "#core/index.ts";

/** That a pack was made of others, and which. */
export interface Merged {
  mergedAt: Instant;
  /** Every pack whose content it holds, also those that were merged before. */
  replaces: PackId[];
}

/** A batch as a directory holds it. */
export type DirectoryBatch = Omit<CatalogueBatch, "pack">;

/** One record of a pack's directory: the catalogue's entries as they stand, see docs/formats/pack.md. */
export type DirectoryRecord =
  | ({ kind: "merged" } & Merged)
  | ({ kind: "batch" } & { archivedAt: Instant })
  | ({ kind: "part" } & PartEntry)
  | ({ kind: "message" } & MessageEntry)
  | ({ kind: "receipt" } & ReceiptEntry);

/** The records of one batch. */
export function* directoryOf(batch: DirectoryBatch): Generator<string> {
  yield JSON.stringify({ kind: "batch", archivedAt: batch.archivedAt } satisfies DirectoryRecord);
  for (const part of batch.parts) yield JSON.stringify({ kind: "part", ...part } satisfies DirectoryRecord);
  for (const message of batch.messages) yield JSON.stringify({ kind: "message", ...message } satisfies DirectoryRecord);
  for (const receipt of batch.receipts) yield JSON.stringify({ kind: "receipt", ...receipt } satisfies DirectoryRecord);
}

/** The directory of a pack that was made of others. */
export function* mergedDirectory(merged: Merged, batches: Iterable<DirectoryBatch>): Generator<string> {
  yield JSON.stringify({ kind: "merged", ...merged } satisfies DirectoryRecord);
  for (const batch of batches) yield* directoryOf(batch);
}

/** What a directory says. */
export interface Directory {
  /** Null for a pack that was written from the spool. */
  merged: Merged | null;
  /** In the order of their commits, at least one; a pack from the spool has one. */
  batches: DirectoryBatch[];
}

const emptyBatch = (archivedAt: Instant): DirectoryBatch => ({ parts: [], messages: [], receipts: [], archivedAt });

/** Reads a directory; lines of a kind this code does not know are left out. */
export async function readBatches(lines: AsyncIterable<string>): Promise<Directory> {
  const directory: Directory = { merged: null, batches: [] };
  // Where a batch's own record was lost to damage, its entries are not.
  const last = () => directory.batches.at(-1) ?? begin(0 as Instant);
  const begin = (archivedAt: Instant): DirectoryBatch => {
    const batch = emptyBatch(archivedAt);
    directory.batches.push(batch);
    return batch;
  };
  for await (const line of lines) {
    const { kind, ...entry } = JSON.parse(line) as DirectoryRecord;
    if (kind === "merged") directory.merged = entry as Merged;
    else if (kind === "batch") begin((entry as { archivedAt: Instant }).archivedAt);
    else if (kind === "part") last().parts.push(entry as PartEntry);
    else if (kind === "message") last().messages.push(entry as MessageEntry);
    else if (kind === "receipt") last().receipts.push(entry as ReceiptEntry);
  }
  last();
  return directory;
}
