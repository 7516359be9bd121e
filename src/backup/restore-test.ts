import { type Instant, isFailure } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { textBytes } from "./hashing.ts";
import { backupFolder } from "./layout.ts";

/** A test of a backup that succeeded: it was restored to a scratch folder and read back. */
export interface RestoreTest {
  testedAt: Instant;
  /** The backup's id. */
  backup: string;
  snapshotAt: Instant;
  messages: number;
  bytes: number;
  /** Share of the bytes that was read back as a reader would; every digest was compared in any case. */
  share: number;
}

/** Puts the test on record in the backup's folder, durably. */
export async function writeRestoreTest(disk: Disk, root: string, test: RestoreTest): Promise<void> {
  await disk.replace(backupFolder(root).restoreTest, textBytes(`${JSON.stringify({ v: 1, ...test })}\n`));
}

/** The last test on record; null when there is none that can be read. */
export async function readRestoreTest(disk: Disk, root: string): Promise<RestoreTest | null> {
  const path = backupFolder(root).restoreTest;
  if ((await disk.size(path)) === undefined) return null;
  try {
    const { v, ...test } = JSON.parse(Buffer.from(await disk.read(path)).toString("utf8")) as RestoreTest & {
      v: number;
    };
    return v === 1 && typeof test.testedAt === "number" ? test : null;
  } catch (error) {
    if (isFailure(error)) throw error;
    return null;
  }
}
