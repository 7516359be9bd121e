import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** Settings of POP3 connectors, JSON, null for others; and what connectors did. */
export async function installation0003({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema.alterTable("connectors").addColumn("pop3", "text").execute();
  await schema
    .createTable("connector_history")
    .addColumn("connector", "text", (column) => column.notNull().references("connectors.id"))
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("facts", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("connector_history_key", ["connector", "kind", "seq"])
    .execute();
}
