import type { Kysely } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** Tenants, connectors, people and credentials. */
export async function installation0001({ schema }: Kysely<SchemaTables>): Promise<void> {
  await schema
    .createTable("tenants")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await schema
    .createTable("connectors")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("tenant", "text", (column) => column.notNull().references("tenants.id"))
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("enabled", "integer", (column) => column.notNull())
    .addColumn("journal_address", "text", (column) => column.notNull())
    .addColumn("journal_address_folded", "text", (column) => column.notNull().unique())
    .addColumn("transport", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("max_age_days", "integer")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addUniqueConstraint("connectors_description", ["tenant", "description"])
    .execute();
  await schema
    .createTable("people")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("tenant", "text", (column) => column.notNull().references("tenants.id"))
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("email_folded", "text", (column) => column.notNull().unique())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("password_hash", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await schema
    .createTable("credentials")
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull())
    .addColumn("tenant", "text", (column) => column.notNull().references("tenants.id"))
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("person", "text")
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addPrimaryKeyConstraint("credentials_key", ["kind", "fingerprint"])
    .execute();
}
