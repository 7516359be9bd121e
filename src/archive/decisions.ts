import type { ArchiveCatalogue, ReceiptOutcome, ReceiptRow, UndecidedReason } from "#catalogue/index.ts";
import {
  type Clock,
  type ConnectorId,
  type ConnectorType,
  type Decision,
  type Entropy,
  Failure,
  type Log,
  type MessageId,
  type ReceiptId,
  type TenantId,
  timedId,
} from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { Spool } from "#spool/index.ts";
import type { Progress } from "./progress.ts";
import type { Retrieval } from "./retrieve.ts";

/** What is to be decided, and about which receipts. */
export interface DecisionRequest {
  what: Decision["what"];
  /** Receipts, or messages with receipts that wait for a decision. */
  ids: readonly (ReceiptId | MessageId)[];
  /** Every receipt with this reason code; together with `ids` both. */
  reason: string | null;
  by: string;
  why: string | null;
  /** Called with the receipts before any of it is carried out; when it rejects, nothing was decided. */
  entered(receipts: readonly ReceiptId[]): Promise<void>;
}

/** How many receipts were decided, and what became of the items. */
export interface DecisionResult {
  decided: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
}

/** Page of what waits for a decision. */
export interface UndecidedPage {
  items: { receipt: ReceiptRow; bytes: number }[];
  reasons: UndecidedReason[];
  /** Where the next page begins; null at the end. */
  next: number | null;
}

/** What was quarantined or held, and what is decided about it. */
export interface Decisions {
  /** The oldest first; with a `reason`, only what waits for that. */
  undecided(tenant: TenantId, after: number, limit: number, reason?: string | null): Promise<UndecidedPage>;
  /**
   * Puts each item on its way again as decided, and resolves when all have arrived. An item that was decided meanwhile is
   * passed over; a repeated call finds nothing left.
   *
   * @throws `DECISION-UNKNOWN` when an id is none that waits for a decision; then nothing was decided
   */
  decide(tenant: TenantId, request: DecisionRequest, report: (progress: Progress) => void): Promise<DecisionResult>;
  /** Notes what became of receipts; those of other sources are ignored. */
  settled(outcomes: readonly ReceiptOutcome[]): void;
}

/** What decisions are built on. */
export interface DecisionParts {
  spool: Pick<Spool, "open">;
  catalogue: Pick<ArchiveCatalogue, "messages" | "receipts" | "undecided" | "undecidedReasons">;
  retrieval: Retrieval;
  clock: Pick<Clock, "now">;
  entropy: Entropy;
  log: Log;
  /** How the connector reads mail now; undefined when it is gone. */
  typeOf(tenant: TenantId, connector: ConnectorId): Promise<ConnectorType | undefined>;
}

/** Items that are on their way at once, so that they share syncs and packs. */
const atOnce = 32;
/** Receipts that are looked at in one step. */
const stepMax = 200;

/**
 * Decisions over what the archive keeps: the item is read from its pack and goes the way of all mail once more, with the
 * decision as part of its arrival. So a decision is durable as mail is, stands in a pack, and is there after a rebuild.
 */
export function createDecisions(parts: DecisionParts): Decisions {
  const { spool, catalogue, retrieval, clock, entropy } = parts;
  const waiting = new Map<ReceiptId, (state: ReceiptOutcome["state"]) => void>();

  /** Every receipt that waits, in the order of commit. */
  async function* all(tenant: TenantId): AsyncGenerator<ReceiptRow> {
    let after = 0;
    for (;;) {
      const rows = await catalogue.undecided(tenant, after, stepMax);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.seq;
    }
  }

  async function chosen(tenant: TenantId, { ids, reason }: DecisionRequest): Promise<ReceiptRow[]> {
    const left = new Set<string>(ids);
    const rows: ReceiptRow[] = [];
    for await (const row of all(tenant)) {
      const isNamed = ids.includes(row.receipt) || ids.includes(row.message);
      if (isNamed || (reason !== null && row.reason === reason)) rows.push(row);
      left.delete(row.receipt);
      left.delete(row.message);
    }
    const [unknown] = left;
    if (unknown !== undefined) {
      throw new Failure("DECISION-UNKNOWN", "never", `${unknown} is neither quarantined nor held`, {
        effect: "nothing was decided",
      });
    }
    return rows;
  }

  /** The item as it was received: the report where there is one, else the message. */
  async function itemOf(tenant: TenantId, row: ReceiptRow): Promise<Bytes> {
    if (row.report !== null) return retrieval.report(tenant, row.report);
    const [message] = await catalogue.messages(tenant, [row.message]);
    if (message === undefined) throw new Failure("MESSAGE-UNKNOWN", "never", `${row.message} is not in the catalogue`);
    return retrieval.message(tenant, message);
  }

  async function sendAgain(tenant: TenantId, row: ReceiptRow, decision: Decision): Promise<ReceiptOutcome["state"]> {
    const receipt = `rcp_${timedId(clock.now(), entropy.bytes(10))}` as ReceiptId;
    const isReport = decision.what === "retry" || row.report !== null;
    const type = isReport ? ((await parts.typeOf(tenant, row.connector)) ?? "eej") : "standard";
    const writer = spool.open();
    const settled = new Promise<ReceiptOutcome["state"]>((resolve) => waiting.set(receipt, resolve));
    try {
      for await (const piece of await itemOf(tenant, row)) await writer.write(piece);
      await writer.commit({
        receipt,
        // What a person lets in is not held for its age.
        destination: { tenant, connector: row.connector, type, maxAgeDays: null },
        hop: row.hop,
        sourceKey: null,
        receivedAt: row.receivedAt,
        decision,
      });
    } catch (error) {
      writer.abandon();
      waiting.delete(receipt);
      throw error;
    }
    return settled;
  }

  return {
    async undecided(tenant, after, limit, reason = null) {
      const rows = await catalogue.undecided(tenant, after, limit, reason);
      const messages = await catalogue.messages(tenant, [...new Set(rows.map(({ message }) => message))]);
      const bytesById = new Map(messages.map(({ id, bytes }) => [id, bytes]));
      return {
        items: rows.map((receipt) => ({
          receipt,
          bytes: receipt.report?.bytes ?? bytesById.get(receipt.message) ?? 0,
        })),
        reasons: await catalogue.undecidedReasons(tenant),
        next: rows.length === limit ? (rows.at(-1)?.seq ?? null) : null,
      };
    },

    async decide(tenant, request, report) {
      const rows = await chosen(tenant, request);
      const { what, by, why } = request;
      await request.entered(rows.map(({ receipt }) => receipt));
      const result: DecisionResult = { decided: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0 };
      for (let start = 0; start < rows.length; start += atOnce) {
        const some = rows.slice(start, start + atOnce);
        const states = await Promise.all(
          some.map((row) => sendAgain(tenant, row, { receipt: row.receipt, what, by, why, at: clock.now() })),
        );
        for (const state of states) {
          if (state === "known") continue;
          result.decided += 1;
          result[state] += 1;
        }
        report({ done: start + some.length, total: rows.length, unit: "items" });
      }
      parts.log("decision.made", {
        tenant,
        what,
        by,
        why,
        receipts: rows.slice(0, stepMax).map(({ receipt }) => receipt),
      });
      return result;
    },

    settled(outcomes) {
      for (const { receipt, state } of outcomes) {
        waiting.get(receipt)?.(state);
        waiting.delete(receipt);
      }
    },
  };
}
