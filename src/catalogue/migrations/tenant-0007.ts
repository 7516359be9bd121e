import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** How many receipts were flagged `journal_loop`, and when the newest of them was received. None were before. */
export async function tenant0007({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema
    .alterTable("tallies")
    .addColumn("looped", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  await schema.alterTable("tallies").addColumn("last_looped_at", "bigint").execute();
}
