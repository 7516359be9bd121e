import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** The newest receipts of one connector are asked for whenever it is shown. */
export async function tenant0006({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema.createIndex("receipts_by_connector").on("receipts").columns(["connector", "seq"]).execute();
}
