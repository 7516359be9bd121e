import type { Kysely } from "kysely";
import type { MessageId, PackId, PartName, ReceiptId, Sha256 } from "#core/index.ts";
import type { CatalogueChange, MessageRow, PackEntry, PartEntry, ReceiptRow, Tally } from "./entries.ts";
import { lookUp } from "./pieces.ts";
import { isUnreadRow, messageFromRow, packFromRow, partFromRow, receiptFromRow } from "./rows.ts";
import { readCounters } from "./sqlite-commit.ts";
import type { MessagesTable, TenantTables } from "./tables.ts";

// The reading commands of one tenant. Several queries of one command see the same state because the engine's thread
// runs one command at a time and is the only writer.

/** See {@link ArchiveCatalogue.knownReceipts}. */
export async function knownReceipts(
  db: Kysely<TenantTables>,
  asked: { receipts: readonly ReceiptId[]; sourceKeys: readonly string[] },
): Promise<{ receipts: ReceiptId[]; sourceKeys: string[] }> {
  const byId = await lookUp(asked.receipts, (list) =>
    db.selectFrom("receipts").select("receipt").where("receipt", "in", list).execute(),
  );
  const byKey = await lookUp(asked.sourceKeys, (list) =>
    db.selectFrom("receipts").select("source_key").where("source_key", "in", list).execute(),
  );
  return {
    receipts: byId.map((row) => row.receipt),
    sourceKeys: byKey.map((row) => row.source_key!),
  };
}

/** See {@link ArchiveCatalogue.receiptStates}. */
export function receiptStates(
  db: Kysely<TenantTables>,
  receipts: readonly ReceiptId[],
): Promise<{ receipt: ReceiptId; state: ReceiptRow["state"] }[]> {
  return lookUp(receipts, (list) =>
    db.selectFrom("receipts").select(["receipt", "state"]).where("receipt", "in", list).execute(),
  );
}

/** See {@link ArchiveCatalogue.knownMessages}. */
export async function knownMessages(db: Kysely<TenantTables>, digests: readonly Sha256[]): Promise<Sha256[]> {
  const rows = await lookUp(digests, (list) =>
    db.selectFrom("messages").select(["sha256", "defects"]).where("sha256", "in", list).execute(),
  );
  return rows.filter((row) => !isUnreadRow(row)).map((row) => row.sha256);
}

/** See {@link ArchiveCatalogue.messages}. */
export async function messagesById(db: Kysely<TenantTables>, ids: readonly MessageId[]): Promise<MessageRow[]> {
  const rows = await lookUp(ids, (list) => db.selectFrom("messages").selectAll().where("id", "in", list).execute());
  const messageById = new Map((await withReceipts(db, rows)).map((message) => [message.id, message]));
  return ids.flatMap((id) => messageById.get(id) ?? []);
}

/** See {@link ArchiveCatalogue.messagesAfter}. */
export async function messagesAfter(
  db: Kysely<TenantTables>,
  after: MessageId | null,
  limit: number,
): Promise<MessageRow[]> {
  const all = db.selectFrom("messages").selectAll().orderBy("id").limit(limit);
  return withReceipts(db, await (after === null ? all : all.where("id", ">", after)).execute());
}

/** See {@link ArchiveCatalogue.messagesInPack}. */
export async function messagesInPack(db: Kysely<TenantTables>, pack: PackId): Promise<MessageId[]> {
  const rows = await db
    .selectFrom("messages")
    .select("id")
    .where("pack", "=", pack)
    .union(db.selectFrom("receipts").select("message as id").where("report_pack", "=", pack))
    .orderBy("id")
    .execute();
  return rows.map((row) => row.id);
}

/** See {@link ArchiveCatalogue.messageCounts}. */
export async function messageCounts(db: Kysely<TenantTables>, packs: readonly PackId[]): Promise<number[]> {
  const messages = await lookUp(packs, (list) =>
    db
      .selectFrom("messages")
      .select((eb) => ["pack", eb.fn.countAll<number>().as("count")])
      .where("pack", "in", list)
      .groupBy("pack")
      .execute(),
  );
  const reports = await lookUp(packs, (list) =>
    db
      .selectFrom("receipts")
      .select((eb) => ["report_pack as pack", eb.fn.countAll<number>().as("count")])
      .where("report_pack", "in", list)
      .groupBy("report_pack")
      .execute(),
  );
  const counts = new Map<PackId | null, number>();
  for (const { pack, count } of [...messages, ...reports]) counts.set(pack, (counts.get(pack) ?? 0) + count);
  return packs.map((pack) => counts.get(pack) ?? 0);
}

/** See {@link ArchiveCatalogue.parts}. */
export async function partsByName(db: Kysely<TenantTables>, names: readonly PartName[]): Promise<PartEntry[]> {
  const rows = await lookUp(names, (list) => db.selectFrom("parts").selectAll().where("name", "in", list).execute());
  return rows.map(partFromRow);
}

/** See {@link ArchiveCatalogue.partsInPack}. */
export async function partsInPack(db: Kysely<TenantTables>, pack: PackId): Promise<PartEntry[]> {
  const rows = await db.selectFrom("parts").selectAll().where("pack", "=", pack).orderBy("name").execute();
  return rows.map(partFromRow);
}

/** See {@link ArchiveCatalogue.packs}. */
export async function packs(db: Kysely<TenantTables>): Promise<PackEntry[]> {
  return (await db.selectFrom("packs").selectAll().orderBy("pack").execute()).map(packFromRow);
}

/** See {@link ArchiveCatalogue.packsAfter}. */
export async function packsAfter(db: Kysely<TenantTables>, after: PackId | null, limit: number): Promise<PackEntry[]> {
  const all = db.selectFrom("packs").selectAll().orderBy("pack").limit(limit);
  return (await (after === null ? all : all.where("pack", ">", after)).execute()).map(packFromRow);
}

/** See {@link ArchiveCatalogue.packTotals}. */
export async function packTotals(
  db: Kysely<TenantTables>,
  after: PackId | null,
): Promise<{ packs: number; bytes: number }> {
  const all = db
    .selectFrom("packs")
    .select((eb) => [eb.fn.countAll<number>().as("packs"), eb.fn.sum<number | null>("bytes").as("bytes")]);
  const row = await (after === null ? all : all.where("pack", ">", after)).executeTakeFirstOrThrow();
  return { packs: row.packs, bytes: row.bytes ?? 0 };
}

/** See {@link ArchiveCatalogue.changes}. */
export async function changes(db: Kysely<TenantTables>, after: number, limit: number): Promise<CatalogueChange[]> {
  const rows = await db
    .selectFrom("changes")
    .select(["seq", "message"])
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map(({ seq, message }) => ({ seq, message }));
}

/** See {@link ArchiveCatalogue.tallies}. */
export async function tallies(db: Kysely<TenantTables>): Promise<{ messages: number; connectors: Tally[] }> {
  const rows = await db
    .selectFrom("tallies")
    .select((eb) => [
      "connector",
      eb.fn.sum<number>("archived").as("archived"),
      eb.fn.sum<number>("duplicate").as("duplicate"),
      eb.fn.sum<number>("quarantined").as("quarantined"),
      eb.fn.sum<number>("held").as("held"),
      eb.fn.max("last_received_at").as("lastReceivedAt"),
      eb.fn.sum<number>("looped").as("looped"),
      eb.fn.max("last_looped_at").as("lastLoopedAt"),
    ])
    .groupBy("connector")
    .orderBy("connector")
    .execute();
  return { messages: (await readCounters(db)).messages, connectors: rows.map((row) => ({ ...row })) };
}

async function withReceipts(db: Kysely<TenantTables>, rows: readonly MessagesTable[]): Promise<MessageRow[]> {
  const receipts = await lookUp(
    rows.map((row) => row.id),
    (list) => db.selectFrom("receipts").selectAll().where("message", "in", list).orderBy("seq").execute(),
  );
  const receiptsByMessage = new Map<MessageId, ReceiptRow[]>(rows.map((row) => [row.id, []]));
  for (const row of receipts) receiptsByMessage.get(row.message)!.push(receiptFromRow(row));
  return rows.map((row) => ({ ...messageFromRow(row), receipts: receiptsByMessage.get(row.id)! }));
}
