import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { tenantMigrations } from "./migrations/migrate.ts";
import { busyTimeoutMs, openSqliteFile, removeSqliteFile } from "./sqlite-file.ts";
import type { TenantTables } from "./tables.ts";

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "muniment-"));
  context.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("opens a file that syncs at every commit, waits for locks and checks references", async (context) => {
  const path = join(temporaryDirectory(context), "file.sqlite");
  const db = await openSqliteFile<TenantTables>(path, tenantMigrations, "made if absent");
  const expected: [string, Record<string, unknown>][] = [
    ["journal_mode", { journal_mode: "wal" }],
    ["synchronous", { synchronous: 2 }],
    ["foreign_keys", { foreign_keys: 1 }],
    ["busy_timeout", { timeout: busyTimeoutMs }],
  ];
  for (const [name, value] of expected) {
    const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db);
    assert.deepEqual({ ...rows[0] }, value);
  }
  await db.destroy();
});

test("makes directories that nobody else may enter", async (context) => {
  const directory = join(temporaryDirectory(context), "catalogue", "tenants");
  const path = join(directory, "file.sqlite");
  await (await openSqliteFile<TenantTables>(path, tenantMigrations, "made if absent")).destroy();
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test("undoes a migration that fails half-way, and can be repeated", async (context) => {
  const path = join(temporaryDirectory(context), "file.sqlite");
  const failing = [
    ...tenantMigrations,
    async () => {
      throw new Error("no further");
    },
  ];
  await assert.rejects(openSqliteFile<TenantTables>(path, failing, "made if absent"), /no further/);
  await assert.rejects(openSqliteFile<TenantTables>(path, tenantMigrations, "made before"), /gone or empty/);
  await (await openSqliteFile<TenantTables>(path, tenantMigrations, "made if absent")).destroy();
  await (await openSqliteFile<TenantTables>(path, tenantMigrations, "made before")).destroy();
});

test("removes a file with its log, and takes an absent one for removed", (context) => {
  const directory = temporaryDirectory(context);
  for (const name of ["a.sqlite", "a.sqlite-wal", "a.sqlite-shm", "b.sqlite"]) writeFileSync(join(directory, name), "");
  removeSqliteFile(join(directory, "a.sqlite"));
  removeSqliteFile(join(directory, "a.sqlite"));
  removeSqliteFile(join(directory, "absent", "a.sqlite"));
  assert.deepEqual(readdirSync(directory), ["b.sqlite"]);
  assert.equal(existsSync(join(directory, "absent")), false);
});
