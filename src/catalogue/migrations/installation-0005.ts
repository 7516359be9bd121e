import { type Kysely, sql } from "kysely";
import type { SchemaTables } from "../tables.ts";

/** The audit log, to which rows are only ever added: docs/formats/audit.md. */
export async function installation0005(db: Kysely<SchemaTables>): Promise<void> {
  await db.schema
    .createTable("audit")
    .addColumn("tenant", "text", (column) => column.notNull().references("tenants.id"))
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("who", "text", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("subjects", "text", (column) => column.notNull())
    .addColumn("note", "text")
    .addColumn("hash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("audit_key", ["tenant", "seq"])
    .execute();
  for (const column of ["who", "action"])
    await db.schema.createIndex(`audit_by_${column}`).on("audit").columns(["tenant", column, "seq"]).execute();
  for (const deed of ["update", "delete"])
    await sql`${sql.raw(`create trigger audit_no_${deed} before ${deed} on audit begin select raise(abort, 'the audit log is only added to'); end`)}`.execute(
      db,
    );
}
