import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Failure, type Instant } from "#core/index.ts";
import type { DataFolder } from "./data-folder.ts";

/** The right to write to a data folder. */
export interface FolderLock {
  release(): void;
}

/** Who holds the lock, as far as it left a note. */
export interface LockOwner {
  pid: number;
  since: Instant;
}

function readOwner(folder: DataFolder): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(folder.owner, "utf8")) as LockOwner;
  } catch {
    return undefined;
  }
}

/**
 * Takes the data folder for this process. The lock is the kernel's, held through an exclusive SQLite transaction: it ends
 * with the process, however that ends, so there is no stale lock to clean.
 *
 * @throws `ARCHIVE-LOCKED` when another process has it
 */
export function lockFolder(folder: DataFolder, now: Instant): FolderLock {
  mkdirSync(folder.run, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(folder.lock, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const owner = readOwner(folder);
    const who =
      owner === undefined ? "another process" : `process ${owner.pid}, since ${new Date(owner.since).toISOString()}`;
    throw new Failure(
      "ARCHIVE-LOCKED",
      "later",
      `the archive in ${folder.root} is in use by ${who}; stop it first, or use it through its console and command line`,
      {
        cause: error,
      },
    );
  }
  writeFileSync(folder.owner, JSON.stringify({ pid: process.pid, since: now } satisfies LockOwner), { mode: 0o600 });
  return {
    release: () => {
      database.exec("ROLLBACK");
      database.close();
    },
  };
}
