import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/**
 * What S/MIME made of messages, and which certificates those name that wait for a key. All of it is derived: a catalogue
 * that was rebuilt gets it from the mail and the escrowed keys again.
 */
export async function tenant0003({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema
    .createTable("smime")
    .addColumn("message", "text", (column) => column.primaryKey().notNull().references("messages.id"))
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("opened_by", "text")
    .addColumn("facts", "text", (column) => column.notNull())
    .execute();
  await schema.createIndex("smime_by_state").on("smime").columns(["state", "message"]).execute();
  await schema
    .createTable("smime_waiting")
    .addColumn("recipient", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull().references("messages.id"))
    .addPrimaryKeyConstraint("smime_waiting_key", ["recipient", "message"])
    .execute();
  await schema.createIndex("smime_waiting_by_message").on("smime_waiting").column("message").execute();
}
