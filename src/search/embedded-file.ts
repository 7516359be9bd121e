import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { columns } from "./columns.ts";
import { columnName } from "./embedded-match.ts";

/** An open index file. `wasDamaged` says that it was no index of this version and has been begun anew. */
export interface IndexFile {
  database: DatabaseSync;
  wasDamaged: boolean;
}

/**
 * Opens the index file at `path`, making it and its directory when absent.
 *
 * A file that is no database, or one of another layout, is deleted and begun anew: everything in it can be derived again.
 */
export function openIndexFile(path: string): IndexFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return { database: openLaidOut(path), wasDamaged: false };
  } catch (error) {
    if (!isDamage(error)) throw error;
    removeIndexFile(path);
    return { database: openLaidOut(path), wasDamaged: true };
  }
}

/** Removes an index file with what SQLite keeps beside it. Absent is fine. */
export function removeIndexFile(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
}

/** Whether `error` says that a file's content is not what we wrote, so that no further try will help. */
export function isDamage(error: unknown): boolean {
  const errcode = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  return error instanceof OtherLayout || errcode === sqliteCorrupt || errcode === sqliteNotADatabase;
}

/** Raised whenever layout or analysis change: an index made otherwise would answer otherwise. */
const layoutVersion = 3;
const ownTables = ["documents", "applied", "words"];
const cacheKiB = 8 * 1024;
const busyTimeoutMs = 5000;
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

class OtherLayout extends Error {}

function openLaidOut(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // NORMAL: after a power cut the last batches may be missing, and then `applied` says so.
    // What merging inside the engine frees goes back to the file system, see TenantIndex; says nothing to a file that is made.
    database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${cacheKiB};`);
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    if (version === 0 && tables.length === 0) database.exec(layout);
    else if (version !== layoutVersion) throw new OtherLayout(`index layout ${version}`);
    else if (!ownTables.every((name) => tables.some((table) => table.name === name)))
      throw new OtherLayout("a table is gone");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

// Only blanks part tokens: every other ASCII character is made part of them, as all beyond ASCII are anyway.
const asciiPunctuation = Array.from({ length: 0x7f - 0x21 }, (_, index) => String.fromCharCode(0x21 + index))
  .filter((character) => !/[A-Za-z0-9]/.test(character))
  .join("");
const tokenizer = `ascii tokenchars '${asciiPunctuation.replaceAll("'", "''")}'`.replaceAll('"', '""');

// No prefix index: it would make the file half as large again and indexing a third slower, for the sake of prefixes of
// two and three letters alone.
const layout = `
  BEGIN;
  CREATE TABLE documents (
    place INTEGER PRIMARY KEY,
    message TEXT NOT NULL UNIQUE,
    sent_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE applied (seq INTEGER NOT NULL) STRICT;
  INSERT INTO applied VALUES (0);
  CREATE VIRTUAL TABLE words USING fts5(
    ${columns.map(columnName).join(", ")},
    content='', contentless_delete=1, detail=full, tokenize="${tokenizer}"
  );
  PRAGMA user_version = ${layoutVersion};
  COMMIT;
`;
