import { createHash } from "node:crypto";
import { Failure, type Instant, isFailure, MiB, type ReceiptId, type Sha256, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { textBytes } from "./hashing.ts";
import { backupFolder, isSnapshotFile, type Slot } from "./layout.ts";

/** A file of the snapshot: where it is in the backup and where it belongs in a data folder. */
export interface BackupFile {
  path: string;
  as: string;
  bytes: number;
  sha256: Sha256;
}

/** What a backup consists of, see docs/formats/backup.md. */
export interface BackupManifest {
  format: "muniment-backup";
  v: 1;
  id: string;
  installation: string;
  product: string;
  begunAt: Instant;
  snapshotAt: Instant;
  finishedAt: Instant;
  isKeyProtected: boolean;
  tenants: { id: TenantId; changes: number; messages: number; receipts: number; packs: number; packBytes: number }[];
  files: BackupFile[];
  packs: { path: string; bytes: number; sha256: Sha256; count: number; packBytes: number };
  notIncluded: { items: number; receipts: ReceiptId[] };
}

/** Largest manifest that is read, in bytes: a line for each tenant and file, far below it. */
const manifestBytesMax = 64 * MiB;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Writes the manifest durably in one step: with it the backup is complete. */
export async function writeManifest(disk: Disk, root: string, manifest: BackupManifest): Promise<void> {
  const sha256 = digest(JSON.stringify(manifest));
  await disk.replace(backupFolder(root).manifest, textBytes(`${JSON.stringify({ manifest, sha256 }, null, 1)}\n`));
}

/** The failure that tells what of a backup is damaged, and what that means. */
export function backupDamaged(what: string, effect: string): Failure {
  return new Failure("BACKUP-DAMAGED", "never", what, { effect });
}

/** The backup's snapshot, by where its files lie. */
export function slotOf({ packs }: BackupManifest): Slot {
  return packs.path.startsWith("snapshots/b/") ? "b" : "a";
}

function isManifest(value: unknown): value is BackupManifest {
  const { files, packs, tenants, notIncluded } = (value ?? {}) as Partial<BackupManifest>;
  return (
    Array.isArray(tenants) &&
    Array.isArray(files) &&
    files.every(({ path, as }) => isSnapshotFile(String(path), String(as))) &&
    /^snapshots\/[ab]\/packs\.jsonl$/.test(String(packs?.path)) &&
    Array.isArray(notIncluded?.receipts)
  );
}

/**
 * Reads the manifest of the backup in `root`; undefined when there is none.
 *
 * @throws `BACKUP-DAMAGED`, `BACKUP-VERSION`
 */
export async function findManifest(disk: Disk, root: string): Promise<BackupManifest | undefined> {
  const path = backupFolder(root).manifest;
  const bytes = await disk.size(path);
  if (bytes === undefined) return undefined;
  const damaged = () =>
    backupDamaged(
      `the manifest ${path} cannot be read or does not match its digest`,
      "nothing was written; the packs beside it are as they were, and the next backup writes a new manifest",
    );
  if (bytes > manifestBytesMax) throw damaged();
  let read: { manifest?: { format?: unknown; v?: unknown }; sha256?: unknown };
  try {
    read = JSON.parse(Buffer.from(await disk.read(path)).toString("utf8"));
  } catch (error) {
    if (isFailure(error)) throw error;
    throw damaged();
  }
  const { manifest, sha256 } = read ?? {};
  if (sha256 !== digest(JSON.stringify(manifest ?? null))) throw damaged();
  if (manifest?.format === "muniment-backup" && manifest.v !== 1)
    throw new Failure(
      "BACKUP-VERSION",
      "never",
      `the backup in ${root} is of a newer version; install a newer muniment`,
      {
        effect: "nothing was written",
      },
    );
  if (!isManifest(manifest)) throw damaged();
  return manifest;
}

/**
 * Reads the manifest of a backup that must be there.
 *
 * @throws `BACKUP-MISSING`, `BACKUP-INCOMPLETE`, and as {@link findManifest}
 */
export async function readManifest(disk: Disk, root: string): Promise<BackupManifest> {
  const manifest = await findManifest(disk, root);
  if (manifest !== undefined) return manifest;
  const names = await disk.list(root);
  if (names.includes("packs") || names.includes("snapshots"))
    throw new Failure(
      "BACKUP-INCOMPLETE",
      "never",
      `the backup in ${root} was begun and never finished: manifest.json is missing`,
      {
        effect: "nothing was written; run the backup again while the archive is there",
      },
    );
  throw new Failure("BACKUP-MISSING", "never", `there is no backup in ${root}`, { effect: "nothing was written" });
}
