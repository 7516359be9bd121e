import type { Instant, MessageId, PackId, ReceiptId } from "#core/index.ts";
import type {
  CatalogueBatch,
  DecisionEntry,
  MessageFacts,
  QuarantineAsked,
  ReceiptDecision,
  ReceiptRow,
} from "./entries.ts";

/** Whether somebody has yet to decide on a receipt: `open`, put out of sight as `discarded`, or null for all others. */
export type Undecided = "open" | "discarded" | null;

/** Where a receipt stands in the list of what is to be decided. */
export function undecided({ state, decision }: Pick<ReceiptRow, "state" | "decision">): Undecided {
  if (state !== "quarantined" && state !== "held") return null;
  return decision?.action === "discarded" ? "discarded" : "open";
}

/** A receipt that a decision changes, as it stood and as it stands from now on. */
export interface DecidedReceipt {
  entry: DecisionEntry;
  before: ReceiptRow;
  after: ReceiptRow;
}

/** What the catalogue holds of everything that the decisions of a batch name, the batch's own entries included. */
export interface DecisionStanding {
  decisions: { has(decision: string): boolean };
  rows: ReadonlyMap<ReceiptId, ReceiptRow>;
  messages: { has(message: MessageId): boolean };
  packs: { has(pack: PackId): boolean };
  /** Messages with a receipt in state archived. */
  archived: { has(message: MessageId): boolean };
}

/** What a decision says of its receipt, beside the receipt itself. */
function decisionOf({ decision, action, at, by, note }: DecisionEntry): ReceiptDecision {
  return { decision, action, at, by, note };
}

/**
 * Applies decisions in their order; each counts once.
 *
 * One on a receipt that is not quarantined or held any more changes nothing, nor does one whose receipt, message or report
 * lies in a pack that was lost: what it decided about is not there.
 */
export function settleDecisions(entries: readonly DecisionEntry[], standing: DecisionStanding): DecidedReceipt[] {
  const decided: DecidedReceipt[] = [];
  const seen = new Set<string>();
  const now = new Map<ReceiptId, ReceiptRow>();
  const archived = new Set<MessageId>();
  for (const entry of entries) {
    const { receipt, message, state, reason, flags, envelope, report } = entry.receipt;
    const before = now.get(receipt) ?? standing.rows.get(receipt);
    if (standing.decisions.has(entry.decision) || seen.has(entry.decision)) continue;
    if (before === undefined || undecided(before) === null || !standing.messages.has(message)) continue;
    if (report !== null && !standing.packs.has(report.pack)) continue;
    const isDuplicate = state === "archived" && (standing.archived.has(message) || archived.has(message));
    const settled: ReceiptRow["state"] = isDuplicate ? "duplicate" : state;
    const after = { ...before, message, state: settled, reason, flags, envelope, report, decision: decisionOf(entry) };
    if (settled === "archived") archived.add(message);
    seen.add(entry.decision);
    now.set(receipt, after);
    decided.push({ entry, before, after });
  }
  return decided;
}

/** Everything that decisions of the batch name, to be looked up. */
export function namedByDecisions(batch: CatalogueBatch): {
  decisions: string[];
  receipts: ReceiptId[];
  messages: MessageId[];
  packs: PackId[];
} {
  const entries = batch.decisions ?? [];
  return {
    decisions: entries.map(({ decision }) => decision),
    receipts: entries.map(({ receipt }) => receipt.receipt),
    messages: entries.map(({ receipt }) => receipt.message),
    packs: entries.flatMap(({ receipt }) => receipt.report?.pack ?? []),
  };
}

/** What is restated of the message when it was read anew. */
export function withFacts<Message extends MessageFacts>(message: Message, facts: MessageFacts): Message {
  return { ...message, ...facts };
}

/** Whether a receipt belongs to the list that was asked for. */
export function isAskedFor(row: ReceiptRow, asked: QuarantineAsked): boolean {
  return (
    undecided(row) === (asked.discarded ? "discarded" : "open") &&
    (asked.reason === null || row.reason === asked.reason) &&
    (asked.connector === null || row.connector === asked.connector) &&
    (asked.after === null || row.seq > asked.after)
  );
}

/** The earlier of two times. */
export function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
