import { type Kysely, sql } from "kysely";
import type { SchemaTables } from "../tables.ts";

/**
 * Decisions about receipts that were quarantined or held.
 *
 * What waits is listed through an index of its own that holds nothing else: an archive of many millions of receipts has few
 * to decide on.
 */
export async function tenant0005(db: Kysely<SchemaTables>): Promise<void> {
  const { schema } = db;
  await schema.alterTable("receipts").addColumn("decision", "text").execute();
  await schema.alterTable("receipts").addColumn("undecided", "text").execute();
  await sql`update receipts set undecided = 'open' where state in ('quarantined', 'held')`.execute(db);
  await schema
    .createIndex("receipts_undecided")
    .on("receipts")
    .columns(["undecided", "reason", "seq"])
    .where(sql.ref("undecided"), "is not", null)
    .execute();
  await schema
    .createTable("decisions")
    .addColumn("decision", "text", (column) => column.primaryKey().notNull())
    .addColumn("receipt", "text", (column) => column.notNull().references("receipts.receipt"))
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("entry", "text", (column) => column.notNull())
    .execute();
}
