import type { CatalogueBatch, DecisionEntry, MessageEntry, PartEntry, ReceiptEntry } from "#catalogue/index.ts";
import type { Instant } from "#core/index.ts";

/** One record of a pack's directory: the catalogue's entries as they stand, see docs/formats/pack.md. */
export type DirectoryRecord =
  | ({ kind: "batch" } & { archivedAt: Instant })
  | ({ kind: "part" } & PartEntry)
  | ({ kind: "message" } & MessageEntry)
  | ({ kind: "receipt" } & ReceiptEntry)
  | ({ kind: "decision" } & DecisionEntry);

/** The directory of a pack that holds this batch. */
export function* directoryOf(batch: Omit<CatalogueBatch, "pack">): Generator<string> {
  yield JSON.stringify({ kind: "batch", archivedAt: batch.archivedAt } satisfies DirectoryRecord);
  for (const part of batch.parts) yield JSON.stringify({ kind: "part", ...part } satisfies DirectoryRecord);
  for (const message of batch.messages) yield JSON.stringify({ kind: "message", ...message } satisfies DirectoryRecord);
  for (const receipt of batch.receipts) yield JSON.stringify({ kind: "receipt", ...receipt } satisfies DirectoryRecord);
  for (const entry of batch.decisions ?? [])
    yield JSON.stringify({ kind: "decision", ...entry } satisfies DirectoryRecord);
}

/** The batch that a directory describes; lines of a kind this code does not know are left out. */
export async function batchOf(lines: AsyncIterable<string>): Promise<Omit<CatalogueBatch, "pack">> {
  const batch = {
    parts: [] as PartEntry[],
    messages: [] as MessageEntry[],
    receipts: [] as ReceiptEntry[],
    decisions: [] as DecisionEntry[],
    archivedAt: 0 as Instant,
  };
  for await (const line of lines) {
    const { kind, ...entry } = JSON.parse(line) as DirectoryRecord;
    if (kind === "batch") batch.archivedAt = (entry as { archivedAt: Instant }).archivedAt;
    else if (kind === "part") batch.parts.push(entry as PartEntry);
    else if (kind === "message") batch.messages.push(entry as MessageEntry);
    else if (kind === "receipt") batch.receipts.push(entry as ReceiptEntry);
    else if (kind === "decision") batch.decisions.push(entry as DecisionEntry);
  }
  return batch;
}
