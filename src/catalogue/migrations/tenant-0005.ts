import { type Kysely, sql } from "kysely";
import type { SchemaTables } from "../tables.ts";

/**
 * What was decided about receipts that were not archived, and which receipt then took their place. The index holds only those
 * that wait for a decision: there are few of them among all receipts.
 */
export async function tenant0005({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema.alterTable("receipts").addColumn("decision", "text").execute();
  await schema.alterTable("receipts").addColumn("superseded_by", "text").execute();
  await schema
    .createIndex("receipts_undecided")
    .on("receipts")
    .column("seq")
    .where(sql<boolean>`state in ('quarantined', 'held') and superseded_by is null`)
    .execute();
}
