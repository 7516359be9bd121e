import { join } from "node:path";
import { Failure, isTenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";

/** One of the two places for what is not a pack: a backup is written beside the one before. */
export type Slot = "a" | "b";

/** Paths in a backup's folder. */
export function backupFolder(root: string) {
  return {
    root,
    manifest: join(root, "manifest.json"),
    restoreTest: join(root, "restore-test.json"),
    snapshot: (slot: Slot) => join(root, "snapshots", slot),
    path: (relative: string) => join(root, relative),
  };
}

/** Names that a backup's folder may hold before it is one: ours, those of unfinished files, and a volume's own. */
const allowedNames = new Set(["manifest.json", "packs", "snapshots", "restore-test.json", "lost+found"]);

/** Throws `BACKUP-PLACE` when the folder holds what is not ours: a mistyped path must not be filled. */
export async function checkIsBackupFolder(disk: Disk, root: string): Promise<void> {
  const foreign = (await disk.list(root)).find((name) => !allowedNames.has(name) && !name.startsWith("."));
  if (foreign === undefined && (await disk.size(root)) === undefined) return;
  throw new Failure("BACKUP-PLACE", "never", `${root} is no backup and not empty: it holds ${foreign ?? "a file"}`, {
    effect: "nothing was written",
  });
}

/** Whether a path names a file of a snapshot and where it belongs: nothing else is ever read or written by a manifest's word. */
export function isSnapshotFile(path: string, as: string): boolean {
  const below = /^snapshots\/[ab]\/(.+)$/.exec(path)?.[1];
  if (below !== as) return false;
  const tenant = /^(?:catalogue\/tenants\/([^/]+)\.sqlite|keys\/escrow\/([^/]+)\.json)$/
    .exec(as)
    ?.slice(1)
    .find(Boolean);
  if (tenant !== undefined) return isTenantId(tenant);
  return ["catalogue/installation.sqlite", "keys/keyring.json", "keys/keyring.json.previous", "muniment.yaml"].includes(
    as,
  );
}

/** Removes every file below a folder; folders stay. Absent is fine. */
export async function emptyFolder(disk: Disk, folder: string): Promise<void> {
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop())
    for (const name of await disk.list(next)) {
      const path = join(next, name);
      if ((await disk.size(path)) === undefined) folders.push(path);
      else await disk.remove(path);
    }
}
