import type { Kysely } from "kysely";
import { Failure } from "#core/index.ts";
import type { SchemaTables } from "../tables.ts";
import { installation0001 } from "./installation-0001.ts";
import { installation0002 } from "./installation-0002.ts";
import { installation0003 } from "./installation-0003.ts";
import { installation0004 } from "./installation-0004.ts";
import { installation0005 } from "./installation-0005.ts";
import { installation0006 } from "./installation-0006.ts";
import { tenant0001 } from "./tenant-0001.ts";
import { tenant0002 } from "./tenant-0002.ts";
import { tenant0003 } from "./tenant-0003.ts";
import { tenant0004 } from "./tenant-0004.ts";
import { tenant0005 } from "./tenant-0005.ts";
import { tenant0006 } from "./tenant-0006.ts";

/** One step of a schema; runs once, inside the transaction that records it. */
export type Migration = (db: Kysely<SchemaTables>) => Promise<void>;

/** Migrations in order; the version of a schema is how many of them it has seen. Never edited, only added to. */
export const tenantMigrations: readonly Migration[] = [
  tenant0001,
  tenant0002,
  tenant0003,
  tenant0004,
  tenant0005,
  tenant0006,
];
/** The same of the installation's file. */
export const installationMigrations: readonly Migration[] = [
  installation0001,
  installation0002,
  installation0003,
  installation0004,
  installation0005,
  installation0006,
];

/**
 * Brings a database to the newest schema, all steps in one transaction. May be repeated.
 *
 * @throws Failure `CATALOGUE-FAULT` when a newer program wrote the database
 */
export async function migrate(db: Kysely<SchemaTables>, migrations: readonly Migration[]): Promise<void> {
  if ((await schemaVersion(db)) === migrations.length) return;
  await db.transaction().execute(async (transaction) => {
    await transaction.schema
      .createTable("schema_version")
      .ifNotExists()
      .addColumn("version", "integer", (column) => column.notNull())
      .execute();
    const version = (await schemaVersion(transaction)) ?? 0;
    if (version > migrations.length) {
      throw new Failure("CATALOGUE-FAULT", "later", `schema ${version} was written by a newer program than this one`);
    }
    for (const step of migrations.slice(version)) await step(transaction);
    await transaction.deleteFrom("schema_version").execute();
    await transaction.insertInto("schema_version").values({ version: migrations.length }).execute();
  });
}

/** How many migrations a database has seen; undefined for one that was never migrated. */
export async function schemaVersion(db: Kysely<SchemaTables>): Promise<number | undefined> {
  const tables = await db.introspection.getTables();
  if (!tables.some((table) => table.name === "schema_version")) return undefined;
  return (await db.selectFrom("schema_version").select("version").executeTakeFirst())?.version;
}
