import type { Kysely } from "kysely";
import type { InstallationTables, SchemaTables } from "../tables.ts";

/**
 * Plain mail is held for its age where its connector says so. Until now the rule stood on standard connectors too, by
 * default and without effect: nobody meant it.
 */
export async function installation0006(db: Kysely<SchemaTables>): Promise<void> {
  const tables = db.withTables<Pick<InstallationTables, "connectors">>();
  await tables.updateTable("connectors").set({ max_age_days: null }).where("type", "=", "standard").execute();
}
