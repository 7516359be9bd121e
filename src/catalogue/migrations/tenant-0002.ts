import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/**
 * Parts, which are stored once and looked up by name for every message that has them.
 *
 * There is no index by pack: it would cost each part a third more, and is only asked for when a pack is damaged.
 */
export async function tenant0002({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema
    .createTable("parts")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("pack", "text", (column) => column.notNull().references("packs.pack"))
    .addColumn("stored_at", "text", (column) => column.notNull())
    .execute();
}
