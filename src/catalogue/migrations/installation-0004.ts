import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** A tenant's own domains, JSON; null where none were ever set. */
export async function installation0004({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema.alterTable("tenants").addColumn("own_domains", "text").execute();
}
