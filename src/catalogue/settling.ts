import { Failure, type Instant, type MessageId, type PackId, type PartName, type ReceiptId } from "#core/index.ts";
import type {
  CatalogueBatch,
  CatalogueChange,
  MessageEntry,
  PackEntry,
  PartEntry,
  ReceiptEntry,
  ReceiptOutcome,
  ReceiptRow,
  Tally,
} from "./entries.ts";
import { isUnread } from "./unread.ts";

/** Where a receipt stands already. */
export interface ReceiptPlace {
  message: MessageId;
  seq: number;
}

/** What the catalogue holds of everything a batch names; more than that does no harm. */
export interface Standing {
  packs: ReadonlyMap<PackId, PackEntry>;
  parts: { has(part: PartName): boolean };
  messages: { has(message: MessageId): boolean };
  /** Messages that stand as left unread. */
  unread: { has(message: MessageId): boolean };
  /** Messages with a receipt in state archived. */
  archived: { has(message: MessageId): boolean };
  receipts: ReadonlyMap<ReceiptId, ReceiptPlace>;
  sourceKeys: ReadonlyMap<string, ReceiptPlace>;
  /** The receipts that decisions of the batch are about. */
  decided: ReadonlyMap<ReceiptId, ReceiptRow>;
  /** Last numbers given, 0 when none. */
  receiptSeq: number;
  changeSeq: number;
}

/** What is counted for one connector on one UTC day, as `YYYY-MM-DD` of the time of receiving. */
export interface DayTally extends Tally {
  day: string;
  lastReceivedAt: Instant;
}

/** Everything a commit adds, and what it answers. */
export interface Settlement {
  outcomes: ReceiptOutcome[];
  pack: PackEntry | null;
  parts: PartEntry[];
  messages: MessageEntry[];
  /** Messages that were left unread before, and take facts and place of those that were read, but not their time. */
  mended: MessageEntry[];
  receipts: ReceiptRow[];
  /** Receipts that count no more, and those that took their place. */
  superseded: { receipt: ReceiptId; by: ReceiptId }[];
  changes: CatalogueChange[];
  /** Counts to be added; below 0 for receipts that were superseded. */
  tallies: DayTally[];
}

/**
 * Decides what a batch adds to what stands. Pure; every catalogue commits exactly this.
 *
 * A receipt whose id or source key is known, from before or from earlier in the batch, adds nothing. `archived` becomes
 * `duplicate` when the message has an archived receipt already. A receipt with a decision takes the place of that decision's
 * receipt; where that was decided before, it adds nothing. Each message that is added, or gains or loses a receipt, gets
 * one change. A part, like a message, stays where it was first found; but a message that was left unread and comes again, read,
 * is then the one that was read.
 *
 * @throws Failure `CATALOGUE-FAULT` when an entry points at a pack or message that is in neither, or the batch's pack
 *   stands with other facts
 */
export function settle(batch: CatalogueBatch, standing: Standing): Settlement {
  checkPacks(batch, standing);
  const messages = addedMessages(batch, standing);
  const mended = mendedMessages(batch, standing);
  const { receipts, outcomes, superseded } = settleReceipts(batch, standing);
  const touched = new Set([...messages, ...mended].map((message) => message.id));
  for (const { receipt, message } of receipts) {
    if (!touched.has(message) && !standing.messages.has(message)) {
      throw fault(`receipt ${receipt} names message ${message}, which is not there`);
    }
    touched.add(message);
  }
  for (const { message } of superseded) touched.add(message);
  return {
    outcomes,
    pack: batch.pack !== null && !standing.packs.has(batch.pack.pack) ? batch.pack : null,
    parts: addedParts(batch, standing),
    messages,
    mended,
    receipts,
    superseded: superseded.map(({ receipt, by }) => ({ receipt, by })),
    changes: [...touched].map((message, index) => ({ seq: standing.changeSeq + 1 + index, message })),
    tallies: [...tallied(receipts, 1), ...tallied(superseded, -1)],
  };
}

/** The packs that the entries of a batch point into, each once, its own included. */
export function packsNamed(batch: CatalogueBatch): PackId[] {
  const named = new Set<PackId>();
  if (batch.pack !== null) named.add(batch.pack.pack);
  for (const part of batch.parts) named.add(part.pack);
  for (const message of batch.messages) named.add(message.pack);
  for (const { report } of batch.receipts) if (report !== null) named.add(report.pack);
  return [...named];
}

function checkPacks(batch: CatalogueBatch, standing: Standing): void {
  const { pack } = batch;
  const stands = pack === null ? undefined : standing.packs.get(pack.pack);
  if (pack !== null && stands !== undefined && !samePack(pack, stands)) {
    throw fault(`pack ${pack.pack} is there already with other facts`);
  }
  for (const named of packsNamed(batch)) {
    if (named !== pack?.pack && !standing.packs.has(named)) {
      throw fault(`an entry points into pack ${named}, which is not there`);
    }
  }
}

function samePack(a: PackEntry, b: PackEntry): boolean {
  return a.blob === b.blob && a.bytes === b.bytes && a.sha256 === b.sha256 && a.createdAt === b.createdAt;
}

function addedParts(batch: CatalogueBatch, standing: Standing): PartEntry[] {
  const added = new Map<PartName, PartEntry>();
  for (const part of batch.parts) {
    if (!standing.parts.has(part.name) && !added.has(part.name)) added.set(part.name, part);
  }
  return [...added.values()];
}

function addedMessages(batch: CatalogueBatch, standing: Standing): MessageEntry[] {
  const added = new Map<MessageId, MessageEntry>();
  for (const message of batch.messages) {
    if (!standing.messages.has(message.id) && !added.has(message.id)) added.set(message.id, message);
  }
  return [...added.values()];
}

function mendedMessages(batch: CatalogueBatch, standing: Standing): MessageEntry[] {
  const mended = new Map<MessageId, MessageEntry>();
  for (const message of batch.messages) {
    if (standing.unread.has(message.id) && !isUnread(message) && !mended.has(message.id))
      mended.set(message.id, message);
  }
  return [...mended.values()];
}

function settleReceipts(
  batch: CatalogueBatch,
  standing: Standing,
): { receipts: ReceiptRow[]; outcomes: ReceiptOutcome[]; superseded: (ReceiptRow & { by: ReceiptId })[] } {
  const receipts: ReceiptRow[] = [];
  const superseded: (ReceiptRow & { by: ReceiptId })[] = [];
  const decidedHere = new Map<ReceiptId, ReceiptPlace>();
  const outcomes: ReceiptOutcome[] = [];
  const addedById = new Map<ReceiptId, ReceiptPlace>();
  const addedByKey = new Map<string, ReceiptPlace>();
  const archived = new Set<MessageId>();
  for (const entry of batch.receipts) {
    const known =
      standing.receipts.get(entry.receipt) ??
      addedById.get(entry.receipt) ??
      (entry.sourceKey === null
        ? undefined
        : (standing.sourceKeys.get(entry.sourceKey) ?? addedByKey.get(entry.sourceKey)));
    if (known !== undefined) {
      outcomes.push({ receipt: entry.receipt, message: known.message, state: "known", seq: known.seq });
      continue;
    }
    const before = entry.decision && standing.decided.get(entry.decision.receipt);
    if (before !== undefined) {
      const winner = before.supersededBy === undefined ? decidedHere.get(before.receipt) : before;
      if (winner !== undefined) {
        // Two decided at once: the first counts, and the item stands in its place once.
        outcomes.push({ receipt: entry.receipt, message: winner.message, state: "known", seq: winner.seq });
        continue;
      }
      superseded.push({ ...before, by: entry.receipt });
    }
    const state = settledState(entry, standing.archived.has(entry.message) || archived.has(entry.message));
    const row = { ...entry, state, archivedAt: batch.archivedAt, seq: standing.receiptSeq + receipts.length + 1 };
    receipts.push(row);
    outcomes.push({ receipt: row.receipt, message: row.message, state, seq: row.seq });
    if (before !== undefined) decidedHere.set(before.receipt, row);
    addedById.set(row.receipt, row);
    if (row.sourceKey !== null) addedByKey.set(row.sourceKey, row);
    if (state === "archived") archived.add(row.message);
  }
  return { receipts, outcomes, superseded };
}

function settledState(entry: ReceiptEntry, isArchivedAlready: boolean): ReceiptRow["state"] {
  return entry.state === "archived" && isArchivedAlready ? "duplicate" : entry.state;
}

function tallied(receipts: readonly ReceiptRow[], one: 1 | -1): DayTally[] {
  const tallies = new Map<string, DayTally>();
  for (const { connector, state, receivedAt } of receipts) {
    const day = new Date(receivedAt).toISOString().slice(0, 10);
    const key = `${connector} ${day}`;
    const tally = tallies.get(key) ?? emptyTally(connector, day, receivedAt);
    tally[state] += one;
    tally.lastReceivedAt = Math.max(tally.lastReceivedAt, receivedAt) as Instant;
    tallies.set(key, tally);
  }
  return [...tallies.values()];
}

function emptyTally(connector: DayTally["connector"], day: string, lastReceivedAt: Instant): DayTally {
  return { connector, day, archived: 0, duplicate: 0, quarantined: 0, held: 0, lastReceivedAt };
}

/** How many receipts a commit added. */
export function addedOf(outcomes: readonly ReceiptOutcome[]): number {
  return outcomes.filter(({ state }) => state !== "known").length;
}

/** What a merge answers that would leave an entry pointing into a pack that goes. */
export function stillIn(pack: PackId, entry: string): Failure {
  return fault(`${entry} lies in pack ${pack}, which was to be superseded, and not in the new one`);
}

function fault(message: string): Failure {
  return new Failure("CATALOGUE-FAULT", "later", message, { publicText: "the catalogue refused a batch" });
}
