import type {
  CatalogueBatch,
  DecisionEntry,
  MessageFacts,
  ReceiptDecision,
  ReceiptEntry,
  ReceiptRow,
} from "#catalogue/index.ts";
import type { ConnectorType } from "#core/index.ts";
import type { ItemReading } from "./read-item.ts";
import { readItem } from "./read-item.ts";

/** A decision that is to be recorded in a pack. */
export interface DecisionRequest {
  decision: ReceiptDecision;
  /** The receipt as it stands. */
  receipt: ReceiptRow;
  /** What arrived and how it is to be read now; null for a decision that reads nothing. */
  again: ReadAgain | null;
}

/** An item that is read once more, as if it came from the spool. */
export interface ReadAgain {
  bytes: Uint8Array;
  sha256: ItemReading["message"]["sha256"];
  type: ConnectorType;
  maxAgeDays: number | null;
}

/** Flags of a receipt that was taken in by decision. */
const acceptedAsMail = "accepted_as_mail";
/** As {@link acceptedAsMail}, for one that was held. */
const acceptedLate = "accepted_late";

/** Decisions of one batch: those that read nothing as records, and what the others read. */
export interface Decided {
  plain: DecisionEntry[];
  /** In the order of `requests`; those whose reading came to the same end as before are left out. */
  readings: ItemReading[];
  requests: DecisionRequest[];
}

/** Reads what is to be read again. Nothing here throws on mail. */
export function decide(requests: readonly DecisionRequest[]): Decided {
  const decided: Decided = { plain: [], readings: [], requests: [] };
  for (const request of requests) {
    if (request.again === null) {
      decided.plain.push(plainly(request));
      continue;
    }
    const reading = readAgain(request.receipt, request.again);
    const { state, reason, message } = reading.receipt;
    const { receipt } = request;
    if (state === receipt.state && reason === receipt.reason && message === receipt.message) continue;
    decided.readings.push(reading);
    decided.requests.push(request);
  }
  return decided;
}

function readAgain(receipt: ReceiptRow, again: ReadAgain): ItemReading {
  const { connector, hop, receivedAt, sourceKey } = receipt;
  const { type, maxAgeDays, sha256, bytes } = again;
  const destination = { tenant: "" as never, connector, type, maxAgeDays };
  const arrival = { receipt: receipt.receipt, destination, hop, receivedAt, sourceKey };
  return readItem({ sha256, arrival }, bytes, null);
}

/** Accepting takes the item in as the message it is stored as; discarding only puts it out of sight. */
function plainly({ decision, receipt }: DecisionRequest): DecisionEntry {
  const { state, archivedAt: _, seq: __, decision: ___, ...entry } = receipt;
  const before = { ...entry, state: state === "duplicate" ? "archived" : state } satisfies ReceiptEntry;
  if (decision.action !== "accepted") return { ...decision, receipt: before, facts: null };
  const flag = state === "held" ? acceptedLate : acceptedAsMail;
  const flags = [...new Set([...before.flags, flag])];
  return { ...decision, receipt: { ...before, state: "archived", reason: null, flags }, facts: null };
}

function factsOf({ facts }: ItemReading): MessageFacts {
  const { subject, from, to, cc, bcc, messageId, date, parts, defects } = facts;
  return { subject, from, to, cc, bcc, messageId, date, parts, defects };
}

/** Turns the receipts of what was read again into decisions: a receipt never stands in two packs. */
export function asDecisions(
  decided: Decided,
  { receipts, ...entries }: Omit<CatalogueBatch, "pack">,
): Omit<CatalogueBatch, "pack"> {
  const read = receipts.map((receipt, index): DecisionEntry => {
    const { decision, receipt: before } = decided.requests[index]!;
    const isSame = receipt.message === before.message;
    return { ...decision, receipt, facts: isSame ? factsOf(decided.readings[index]!) : null };
  });
  return { ...entries, receipts: [], decisions: [...decided.plain, ...read] };
}
