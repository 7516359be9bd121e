import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isTenantId } from "#core/index.ts";
import { sqliteFailure } from "./sqlite-failure.ts";
import { busyTimeoutMs, lostFile } from "./sqlite-file.ts";

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Copies one database as it is at this moment. Its writer goes on: a reader of a write-ahead log stands in nobody's way. */
function copyDatabase(from: string, to: string): void {
  if (!existsSync(from)) throw lostFile(from);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(to + suffix, { force: true });
  const database = new DatabaseSync(from, { timeout: busyTimeoutMs });
  try {
    database.prepare("vacuum into ?").run(to);
  } finally {
    database.close();
  }
  // SQLite does not sync what VACUUM INTO wrote (https://sqlite.org/lang_vacuum.html#vacuuminto).
  sync(to);
  sync(dirname(to));
}

/**
 * Copies the installation's database and that of every tenant in it, see {@link Catalogue.snapshot}. Blocks its thread.
 *
 * The installation first: every tenant it knows then has a file, since the file is made before.
 * @throws `CATALOGUE-FAULT`, `CATALOGUE-BUSY`
 */
export function snapshotSqlite(directory: string, target: string): void {
  const copied = (file: string) => {
    try {
      copyDatabase(join(directory, file), join(target, file));
    } catch (error) {
      throw sqliteFailure(
        error,
        `snapshot of ${join(directory, file)} to ${target}`,
        "make room, or choose another place",
      );
    }
  };
  copied("installation.sqlite");
  const installation = new DatabaseSync(join(target, "installation.sqlite"));
  try {
    const tenants = installation.prepare("select id from tenants order by id").all() as { id: string }[];
    for (const { id } of tenants) if (isTenantId(id)) copied(join("tenants", `${id}.sqlite`));
  } finally {
    installation.close();
  }
  sync(target);
}
