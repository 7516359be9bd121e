import type { Kysely } from "kysely";
import type { ReceiptId } from "#core/index.ts";
import type { ReceiptRow, UndecidedReason } from "./entries.ts";
import { lookUp } from "./pieces.ts";
import { receiptFromRow } from "./rows.ts";
import type { TenantTables } from "./tables.ts";

// Receipts that wait for somebody's decision.

const states = ["quarantined", "held"] as const;

/** See {@link ArchiveCatalogue.receipts}. */
export async function receiptsById(db: Kysely<TenantTables>, ids: readonly ReceiptId[]): Promise<ReceiptRow[]> {
  const rows = await lookUp(ids, (list) =>
    db.selectFrom("receipts").selectAll().where("receipt", "in", list).execute(),
  );
  return rows.map(receiptFromRow);
}

/** See {@link ArchiveCatalogue.undecided}. */
export async function undecided(
  db: Kysely<TenantTables>,
  after: number,
  limit: number,
  reason: string | null,
): Promise<ReceiptRow[]> {
  const all = db
    .selectFrom("receipts")
    .selectAll()
    .where("state", "in", [...states])
    .where("superseded_by", "is", null)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit);
  const rows = await (reason === null ? all : all.where("reason", "=", reason)).execute();
  return rows.map(receiptFromRow);
}

/** See {@link ArchiveCatalogue.undecidedReasons}. */
export async function undecidedReasons(db: Kysely<TenantTables>): Promise<UndecidedReason[]> {
  const rows = await db
    .selectFrom("receipts")
    .select((eb) => ["state", "reason", eb.fn.countAll<number>().as("receipts")])
    .where("state", "in", [...states])
    .where("superseded_by", "is", null)
    .groupBy(["state", "reason"])
    .orderBy("receipts", "desc")
    .orderBy("reason")
    .execute();
  return rows.map(({ state, reason, receipts }) => ({
    state: state as UndecidedReason["state"],
    reason: reason ?? "unknown",
    receipts,
  }));
}
