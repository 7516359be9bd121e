import type { Kysely, Transaction } from "kysely";
import type { CatalogueBatch, ReceiptOutcome } from "./entries.ts";
import { lookUp } from "./pieces.ts";
import {
  isUnreadRow,
  messageToRow,
  packFromRow,
  packToRow,
  partToRow,
  receiptFromRow,
  receiptToRow,
  recipientsToRows,
} from "./rows.ts";
import { type DayTally, packsNamed, type Settlement, type Standing, settle } from "./settling.ts";
import { insertRows } from "./sqlite-insert.ts";
import type { TenantTables } from "./tables.ts";

/** Commits a batch in one transaction. */
export async function commitBatch(db: Kysely<TenantTables>, batch: CatalogueBatch): Promise<ReceiptOutcome[]> {
  return db.transaction().execute((transaction) => addBatch(transaction, batch));
}

/** Adds what of a batch is not there, within a transaction. */
export async function addBatch(
  transaction: Transaction<TenantTables>,
  batch: CatalogueBatch,
): Promise<ReceiptOutcome[]> {
  const counters = await readCounters(transaction);
  const settlement = settle(batch, await readStanding(transaction, batch, counters));
  await addEntries(transaction, settlement);
  for (const { receipt, by } of settlement.superseded)
    await transaction.updateTable("receipts").set({ superseded_by: by }).where("receipt", "=", receipt).execute();
  await addTallies(transaction, settlement.tallies);
  await transaction
    .updateTable("counters")
    .set({
      messages: counters.messages + settlement.messages.length,
      receipts: counters.receipts + settlement.receipts.length,
      changes: counters.changes + settlement.changes.length,
    })
    .where("id", "=", 1)
    .execute();
  return settlement.outcomes;
}

/** Numbers of messages, receipts and changes so far. */
export interface Counters {
  messages: number;
  receipts: number;
  changes: number;
}

/** The counters of a tenant. */
export async function readCounters(db: Kysely<TenantTables>): Promise<Counters> {
  return db
    .selectFrom("counters")
    .select(["messages", "receipts", "changes"])
    .where("id", "=", 1)
    .executeTakeFirstOrThrow();
}

async function readStanding(
  transaction: Transaction<TenantTables>,
  batch: CatalogueBatch,
  counters: Counters,
): Promise<Standing> {
  const places = ["receipt", "source_key", "message", "seq"] as const;
  const messagesNamed = [
    ...batch.messages.map((message) => message.id),
    ...batch.receipts.map((receipt) => receipt.message),
  ];
  const packs = await lookUp(packsNamed(batch), (list) =>
    transaction.selectFrom("packs").selectAll().where("pack", "in", list).execute(),
  );
  const parts = await lookUp(
    batch.parts.map((part) => part.name),
    (list) => transaction.selectFrom("parts").select("name").where("name", "in", list).execute(),
  );
  const messages = await lookUp(messagesNamed, (list) =>
    transaction.selectFrom("messages").select(["id", "defects"]).where("id", "in", list).execute(),
  );
  const archived = await lookUp(
    messages.map((message) => message.id),
    (list) =>
      transaction
        .selectFrom("receipts")
        .select("message")
        .distinct()
        .where("message", "in", list)
        .where("state", "=", "archived")
        .execute(),
  );
  const byId = await lookUp(
    batch.receipts.map((receipt) => receipt.receipt),
    (list) => transaction.selectFrom("receipts").select(places).where("receipt", "in", list).execute(),
  );
  const byKey = await lookUp(
    batch.receipts.flatMap((receipt) => receipt.sourceKey ?? []),
    (list) => transaction.selectFrom("receipts").select(places).where("source_key", "in", list).execute(),
  );
  const decided = await lookUp(
    batch.receipts.flatMap(({ decision }) => decision?.receipt ?? []),
    (list) => transaction.selectFrom("receipts").selectAll().where("receipt", "in", list).execute(),
  );
  return {
    decided: new Map(decided.map((row) => [row.receipt, receiptFromRow(row)])),
    packs: new Map(packs.map((row) => [row.pack, packFromRow(row)])),
    parts: new Set(parts.map((row) => row.name)),
    messages: new Set(messages.map((row) => row.id)),
    unread: new Set(messages.filter(isUnreadRow).map((row) => row.id)),
    archived: new Set(archived.map((row) => row.message)),
    receipts: new Map(byId.map((row) => [row.receipt, row])),
    sourceKeys: new Map(byKey.map((row) => [row.source_key!, row])),
    receiptSeq: counters.receipts,
    changeSeq: counters.changes,
  };
}

async function addEntries(transaction: Transaction<TenantTables>, settlement: Settlement): Promise<void> {
  const { pack, parts, messages, mended, receipts, changes } = settlement;
  if (pack !== null) await transaction.insertInto("packs").values(packToRow(pack)).execute();
  await insertRows(transaction, "parts", parts.map(partToRow), (rows) => transaction.insertInto("parts").values(rows));
  await insertRows(transaction, "messages", messages.map(messageToRow), (rows) =>
    transaction.insertInto("messages").values(rows),
  );
  for (const { id, archived_at: _, ...row } of mended.map(messageToRow))
    await transaction.updateTable("messages").set(row).where("id", "=", id).execute();
  await insertRows(transaction, "receipts", receipts.map(receiptToRow), (rows) =>
    transaction.insertInto("receipts").values(rows),
  );
  await insertRows(transaction, "recipients", receipts.flatMap(recipientsToRows), (rows) =>
    transaction.insertInto("recipients").values(rows),
  );
  await insertRows(
    transaction,
    "changes",
    changes.map(({ seq, message }) => ({ seq, message })),
    (rows) => transaction.insertInto("changes").values(rows),
  );
}

async function addTallies(transaction: Transaction<TenantTables>, tallies: readonly DayTally[]): Promise<void> {
  for (const { lastReceivedAt, ...counts } of tallies) {
    await transaction
      .insertInto("tallies")
      .values({ ...counts, last_received_at: lastReceivedAt })
      .onConflict((conflict) =>
        conflict.columns(["connector", "day"]).doUpdateSet((eb) => ({
          archived: eb("tallies.archived", "+", eb.ref("excluded.archived")),
          duplicate: eb("tallies.duplicate", "+", eb.ref("excluded.duplicate")),
          quarantined: eb("tallies.quarantined", "+", eb.ref("excluded.quarantined")),
          held: eb("tallies.held", "+", eb.ref("excluded.held")),
          last_received_at: eb
            .case()
            .when("excluded.last_received_at", ">", eb.ref("tallies.last_received_at"))
            .then(eb.ref("excluded.last_received_at"))
            .else(eb.ref("tallies.last_received_at"))
            .end(),
        })),
      )
      .execute();
  }
}
