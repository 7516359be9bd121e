import type { Kysely } from "kysely";
import type { PartsTable, SchemaTables } from "../tables.ts";

/**
 * Packs in whose place a merged one stands, until their blobs are removed.
 *
 * Parts lose their reference to packs: with it, every pack that leaves the table would be looked for in all parts, which
 * have no index by pack. That parts name packs that are there is checked at each commit.
 */
export async function tenant0004(db: Kysely<SchemaTables>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("superseded")
    .addColumn("pack", "text", (column) => column.primaryKey().notNull())
    .addColumn("blob", "text", (column) => column.notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("sha256", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("replaced_by", "text", (column) => column.notNull())
    .addColumn("since", "bigint", (column) => column.notNull())
    .addColumn("turn", "bigint", (column) => column.notNull())
    .execute();
  await schema
    .createTable("parts_by_name")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("pack", "text", (column) => column.notNull())
    .addColumn("stored_at", "text", (column) => column.notNull())
    .execute();
  const moving = db.withTables<{ parts: PartsTable; parts_by_name: PartsTable }>();
  await moving
    .insertInto("parts_by_name")
    .columns(["name", "bytes", "pack", "stored_at"])
    .expression(moving.selectFrom("parts").select(["name", "bytes", "pack", "stored_at"]))
    .execute();
  await schema.dropTable("parts").execute();
  await schema.alterTable("parts_by_name").renameTo("parts").execute();
}
