import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { Failure, KiB } from "#core/index.ts";
import { type Migration, migrate, schemaVersion } from "./migrations/migrate.ts";
import { nodeSqliteDialect } from "./node-sqlite-dialect.ts";
import type { SchemaTables } from "./tables.ts";

/** How long a statement waits for another process, such as a backup, to let go of the file. */
export const busyTimeoutMs = 5_000;

/** Page cache of one file: holds the pages of a batch of 256 messages, which SQLite would else write to the log twice. */
const pageCacheKiB = 8 * KiB;
/** Pages of 4 KiB in the write-ahead log before they go to the file: each index page goes once for some ten batches. */
const logPagesMax = 4_096;

/** What an operator can do when a tenant's file is damaged or lost. */
export const rebuildIt = "rebuild the catalogue from its packs";

/** What is expected of a database file: to have been made before, or nothing. */
export type Expectation = "made before" | "made if absent";

/**
 * Opens a database file at the newest schema, which is that of `Tables`; durable at every commit.
 *
 * A file that must have been made before and is gone, or empty, is a fault: taking it for a new one would show an
 * archive without mail.
 */
export async function openSqliteFile<Tables extends SchemaTables>(
  path: string,
  migrations: readonly Migration[],
  expectation: Expectation,
): Promise<Kysely<Tables>> {
  if (expectation === "made before" && !existsSync(path)) throw lostFile(path);
  mkdirDurably(dirname(path));
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  const db = new Kysely<SchemaTables>({ dialect: nodeSqliteDialect(database) });
  try {
    database.exec("pragma journal_mode = wal");
    database.exec("pragma synchronous = full");
    database.exec(`pragma cache_size = -${pageCacheKiB}`);
    database.exec(`pragma wal_autocheckpoint = ${logPagesMax}`);
    // Without these macOS leaves "durable" data in the drive's cache; elsewhere they do nothing.
    database.exec("pragma fullfsync = 1");
    database.exec("pragma checkpoint_fullfsync = 1");
    if (expectation === "made before" && (await schemaVersion(db)) === undefined) throw lostFile(path);
    await migrate(db, migrations);
    return db as unknown as Kysely<Tables>;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Removes a closed database file and what belongs to it. An absent file is fine.
 *
 * The file goes first: left behind without its log it would pass for the older state that it holds.
 */
export function removeSqliteFile(path: string): void {
  if (!existsSync(dirname(path))) return;
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
  syncDirectory(dirname(path));
}

/** The failure that tells of a database that must be there and is not. */
export function lostFile(path: string): Failure {
  return new Failure("CATALOGUE-FAULT", "later", `the database file ${path} is gone or empty; ${rebuildIt}`, {
    publicText: "the catalogue cannot be used",
  });
}

function mkdirDurably(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncDirectory(dirname(made));
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
