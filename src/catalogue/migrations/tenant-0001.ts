import type { Kysely, SchemaModule } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** Packs, messages, receipts, recipients, the change sequence and tallies of one tenant. */
export async function tenant0001(db: Kysely<SchemaTables>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("packs")
    .addColumn("pack", "text", (column) => column.primaryKey().notNull())
    .addColumn("blob", "text", (column) => column.notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("sha256", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await createMessages(schema);
  await createReceipts(schema);
  await schema
    .createTable("recipients")
    .addColumn("receipt", "text", (column) => column.notNull().references("receipts.receipt"))
    .addColumn("place", "integer", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("address", "text", (column) => column.notNull())
    .addColumn("address_folded", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("relation", "text", (column) => column.notNull())
    .addColumn("via", "text")
    .addColumn("source", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("recipients_key", ["receipt", "place"])
    .execute();
  await schema.createIndex("recipients_by_address").on("recipients").columns(["address_folded", "message"]).execute();
  await schema
    .createTable("changes")
    .addColumn("seq", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .execute();
  await schema
    .createTable("tallies")
    .addColumn("connector", "text", (column) => column.notNull())
    .addColumn("day", "text", (column) => column.notNull())
    .addColumn("archived", "bigint", (column) => column.notNull())
    .addColumn("duplicate", "bigint", (column) => column.notNull())
    .addColumn("quarantined", "bigint", (column) => column.notNull())
    .addColumn("held", "bigint", (column) => column.notNull())
    .addColumn("last_received_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("tallies_key", ["connector", "day"])
    .execute();
  await schema
    .createTable("counters")
    .addColumn("id", "integer", (column) => column.primaryKey().notNull())
    .addColumn("messages", "bigint", (column) => column.notNull())
    .addColumn("receipts", "bigint", (column) => column.notNull())
    .addColumn("changes", "bigint", (column) => column.notNull())
    .execute();
  await db
    .withTables<{ counters: { id: number; messages: number; receipts: number; changes: number } }>()
    .insertInto("counters")
    .values({ id: 1, messages: 0, receipts: 0, changes: 0 })
    .execute();
}

async function createMessages(schema: SchemaModule): Promise<void> {
  await schema
    .createTable("messages")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("sha256", "text", (column) => column.notNull().unique())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("pack", "text", (column) => column.notNull().references("packs.pack"))
    .addColumn("stored_at", "text", (column) => column.notNull())
    .addColumn("archived_at", "bigint", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("from_list", "text", (column) => column.notNull())
    .addColumn("to_list", "text", (column) => column.notNull())
    .addColumn("cc_list", "text", (column) => column.notNull())
    .addColumn("bcc_list", "text", (column) => column.notNull())
    .addColumn("header_id", "text")
    .addColumn("dated_at", "bigint")
    .addColumn("parts", "text", (column) => column.notNull())
    .addColumn("defects", "text", (column) => column.notNull())
    .execute();
  await schema.createIndex("messages_by_pack").on("messages").column("pack").execute();
}

async function createReceipts(schema: SchemaModule): Promise<void> {
  await schema
    .createTable("receipts")
    .addColumn("receipt", "text", (column) => column.primaryKey().notNull())
    .addColumn("seq", "bigint", (column) => column.notNull().unique())
    .addColumn("message", "text", (column) => column.notNull().references("messages.id"))
    .addColumn("connector", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("flags", "text", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("archived_at", "bigint", (column) => column.notNull())
    .addColumn("hop", "text", (column) => column.notNull())
    .addColumn("envelope", "text")
    .addColumn("report", "text")
    .addColumn("report_sha256", "text")
    .addColumn("report_pack", "text", (column) => column.references("packs.pack"))
    .addColumn("source_key", "text", (column) => column.unique())
    .execute();
  await schema.createIndex("receipts_by_message").on("receipts").columns(["message", "seq"]).execute();
  await schema.createIndex("receipts_by_report_pack").on("receipts").column("report_pack").execute();
}
