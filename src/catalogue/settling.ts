import { Failure, type Instant, type MessageId, type PackId, type PartName, type ReceiptId } from "#core/index.ts";
import { type DecidedReceipt, settleDecisions } from "./decisions.ts";
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
  /** Messages with a receipt in state archived. */
  archived: { has(message: MessageId): boolean };
  receipts: ReadonlyMap<ReceiptId, ReceiptPlace>;
  sourceKeys: ReadonlyMap<string, ReceiptPlace>;
  /** Receipts that decisions of the batch name, and which of those decisions were taken in before. */
  decidable: ReadonlyMap<ReceiptId, ReceiptRow>;
  decisions: { has(decision: string): boolean };
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
  receipts: ReceiptRow[];
  decided: DecidedReceipt[];
  changes: CatalogueChange[];
  tallies: DayTally[];
}

/**
 * Decides what a batch adds to what stands. Pure; every catalogue commits exactly this.
 *
 * A receipt whose id or source key is known, from before or from earlier in the batch, adds nothing. `archived` becomes
 * `duplicate` when the message has an archived receipt already. Each message that is added, or gains a receipt, gets
 * one change. A part, like a message, stays where it was first found. A decision moves its receipt from one count to
 * another, so that the equation holds as before.
 *
 * @throws Failure `CATALOGUE-FAULT` when an entry points at a pack or message that is in neither, or the batch's pack
 *   stands with other facts
 */
export function settle(batch: CatalogueBatch, standing: Standing): Settlement {
  checkPacks(batch, standing);
  const messages = addedMessages(batch, standing);
  const { receipts, outcomes } = settleReceipts(batch, standing);
  const touched = new Set(messages.map((message) => message.id));
  for (const { receipt, message } of receipts) {
    if (!touched.has(message) && !standing.messages.has(message)) {
      throw fault(`receipt ${receipt} names message ${message}, which is not there`);
    }
    touched.add(message);
  }
  const decided = decidedBy(batch, standing, messages, receipts);
  for (const { before, after } of decided) touched.add(before.message).add(after.message);
  return {
    outcomes,
    pack: batch.pack !== null && !standing.packs.has(batch.pack.pack) ? batch.pack : null,
    parts: addedParts(batch, standing),
    messages,
    receipts,
    decided,
    changes: [...touched].map((message, index) => ({ seq: standing.changeSeq + 1 + index, message })),
    tallies: tallied(receipts, decided),
  };
}

/** Decisions see what the batch itself adds: a rebuilt catalogue may take both in at once. */
function decidedBy(
  batch: CatalogueBatch,
  standing: Standing,
  messages: readonly MessageEntry[],
  receipts: readonly ReceiptRow[],
): DecidedReceipt[] {
  if (batch.decisions === undefined) return [];
  const ids = new Set(messages.map(({ id }) => id));
  const archived = new Set(receipts.filter(({ state }) => state === "archived").map(({ message }) => message));
  return settleDecisions(batch.decisions, {
    decisions: standing.decisions,
    rows: new Map([...standing.decidable, ...receipts.map((row) => [row.receipt, row] as const)]),
    messages: { has: (id) => standing.messages.has(id) || ids.has(id) },
    packs: { has: (pack) => standing.packs.has(pack) || pack === batch.pack?.pack },
    archived: { has: (id) => standing.archived.has(id) || archived.has(id) },
  });
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

function settleReceipts(
  batch: CatalogueBatch,
  standing: Standing,
): { receipts: ReceiptRow[]; outcomes: ReceiptOutcome[] } {
  const receipts: ReceiptRow[] = [];
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
    const state = settledState(entry, standing.archived.has(entry.message) || archived.has(entry.message));
    const row = { ...entry, state, archivedAt: batch.archivedAt, seq: standing.receiptSeq + receipts.length + 1 };
    receipts.push(row);
    outcomes.push({ receipt: row.receipt, message: row.message, state, seq: row.seq });
    addedById.set(row.receipt, row);
    if (row.sourceKey !== null) addedByKey.set(row.sourceKey, row);
    if (state === "archived") archived.add(row.message);
  }
  return { receipts, outcomes };
}

function settledState(entry: ReceiptEntry, isArchivedAlready: boolean): ReceiptRow["state"] {
  return entry.state === "archived" && isArchivedAlready ? "duplicate" : entry.state;
}

function tallied(receipts: readonly ReceiptRow[], decided: readonly DecidedReceipt[]): DayTally[] {
  const tallies = new Map<string, DayTally>();
  const count = ({ connector, state, receivedAt }: ReceiptRow, by: 1 | -1) => {
    const day = new Date(receivedAt).toISOString().slice(0, 10);
    const key = `${connector} ${day}`;
    const tally = tallies.get(key) ?? emptyTally(connector, day, receivedAt);
    tally[state] += by;
    tally.lastReceivedAt = Math.max(tally.lastReceivedAt, receivedAt) as Instant;
    tallies.set(key, tally);
  };
  for (const row of receipts) count(row, 1);
  for (const { before, after } of decided) {
    count(before, -1);
    count(after, 1);
  }
  return [...tallies.values()];
}

function emptyTally(connector: DayTally["connector"], day: string, lastReceivedAt: Instant): DayTally {
  return { connector, day, archived: 0, duplicate: 0, quarantined: 0, held: 0, lastReceivedAt };
}

function fault(message: string): Failure {
  return new Failure("CATALOGUE-FAULT", "later", message, { publicText: "the catalogue refused a batch" });
}
