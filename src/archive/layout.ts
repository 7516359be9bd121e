import type { CatalogueBatch, MessageEntry, PartEntry, ReceiptEntry, StoredAt } from "#catalogue/index.ts";
import type { Instant, PackId, PartName, Sha256 } from "#core/index.ts";
import { encodeStoredAt, type PackObject, type StoredPiece } from "#pack/index.ts";
import type { ItemReading, StoredText } from "./read-item.ts";
import { type FoundPart, type Split, split, unsplit } from "./split.ts";

/** What a batch puts into its pack, and which object each thing is. */
export interface BatchLayout {
  objects: PackObject[];
  part: Map<PartName, number>;
  /** The messages that are new, by digest. */
  message: Map<Sha256, number>;
  /** The report of each reading, in the order of the readings. */
  report: (number | null)[];
}

/** Every new message and every report that is stored whole, cut into pieces and parts. */
export interface BatchSplits {
  messages: Map<Sha256, Split>;
  /** By digest, reports that do not stand around their message. */
  reports: Map<Sha256, Split>;
}

/**
 * Cuts what is new.
 *
 * @param known digests of messages that are stored already
 * @param whole digests of what is to be stored without parts
 */
export function splitBatch(
  readings: readonly ItemReading[],
  known: ReadonlySet<Sha256>,
  whole: ReadonlySet<Sha256>,
  partKey: Uint8Array,
): BatchSplits {
  const cut = ({ bytes, bodies, sha256 }: StoredText): Split =>
    whole.has(sha256) ? unsplit(bytes) : split(bytes, bodies, partKey);
  const splits: BatchSplits = { messages: new Map(), reports: new Map() };
  for (const { message, report } of readings) {
    if (!known.has(message.sha256) && !splits.messages.has(message.sha256))
      splits.messages.set(message.sha256, cut(message));
    if (report !== null && report.inner === null && !splits.reports.has(report.sha256))
      splits.reports.set(report.sha256, cut(report));
  }
  return splits;
}

/** Every part the batch refers to, each once. */
export function partsOf(splits: BatchSplits): Map<PartName, FoundPart> {
  const parts = new Map<PartName, FoundPart>();
  for (const { parts: own } of [...splits.messages.values(), ...splits.reports.values()])
    for (const part of own) if (!parts.has(part.name)) parts.set(part.name, part);
  return parts;
}

/**
 * Lays the batch out: each new part once, each new message once, each report around its message.
 *
 * @param stored parts that lie in another pack already
 */
export function layOut(
  readings: readonly ItemReading[],
  splits: BatchSplits,
  stored: { has(name: PartName): boolean },
): BatchLayout {
  const layout: BatchLayout = { objects: [], part: new Map(), message: new Map(), report: [] };
  const add = (object: PackObject): number => layout.objects.push(object) - 1;
  for (const [name, part] of partsOf(splits)) if (!stored.has(name)) layout.part.set(name, add(part));
  for (const [sha256, { pieces }] of splits.messages) layout.message.set(sha256, add({ kind: "whole", pieces }));
  for (const { message, report } of readings) {
    if (report === null) layout.report.push(null);
    else if (report.inner === null) {
      const { pieces } = splits.reports.get(report.sha256) ?? unsplit(report.bytes);
      layout.report.push(add({ kind: "whole", pieces }));
    } else {
      const before = report.bytes.subarray(0, report.inner.start);
      const after = report.bytes.subarray(report.inner.end);
      const inner = { kind: "named" as const, name: message.id, bytes: message.bytes.length };
      layout.report.push(add({ kind: "whole", pieces: [before, inner, after] }));
    }
  }
  return layout;
}

/** The catalogue's entries, once it is known where everything lies. */
export function entriesOf(
  readings: readonly ItemReading[],
  layout: BatchLayout,
  pack: PackId,
  archivedAt: Instant,
  storedAt: readonly StoredPiece[][],
): Omit<CatalogueBatch, "pack"> {
  const placeOf = (object: number): StoredAt => encodeStoredAt(storedAt[object] ?? []) as StoredAt;
  const parts: PartEntry[] = [...layout.part].map(([name, object]) => {
    const bytes = (storedAt[object] ?? []).reduce((sum, piece) => sum + piece.bytes, 0);
    return { name, bytes, pack, storedAt: placeOf(object) };
  });
  const messages: MessageEntry[] = [];
  const seen = new Set<Sha256>();
  const receipts: ReceiptEntry[] = [];
  readings.forEach(({ message, facts, report, receipt }, index) => {
    const object = layout.message.get(message.sha256);
    if (object !== undefined && !seen.has(message.sha256))
      messages.push({ ...facts, pack, storedAt: placeOf(object), archivedAt });
    seen.add(message.sha256);
    const place = layout.report[index];
    const reportEntry =
      report === null || place === null || place === undefined
        ? null
        : { sha256: report.sha256, bytes: report.bytes.length, pack, storedAt: placeOf(place), ...report.facts };
    receipts.push({ ...receipt, report: reportEntry });
  });
  return { parts, messages, receipts, archivedAt };
}
