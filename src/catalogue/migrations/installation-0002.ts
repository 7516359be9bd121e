import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** Who may send to a connector, and what is believed of its plain copies: JSON, null where nothing is set. */
export async function installation0002({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema.alterTable("connectors").addColumn("smtp", "text").execute();
  await schema.alterTable("connectors").addColumn("rules", "text").execute();
}
