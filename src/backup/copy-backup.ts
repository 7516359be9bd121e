import { join } from "node:path";
import type { BlobStore } from "#blob/index.ts";
import type { PackId, TenantId } from "#core/index.ts";
import { isFailure } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { packBlobName } from "#pack/index.ts";
import { type Digest, digestOf, hashing, source } from "./hashing.ts";
import { backupFolder } from "./layout.ts";
import { type BackupFile, type BackupManifest, backupDamaged } from "./manifest.ts";
import { type ListedPack, listedPacks } from "./pack-list.ts";
import type { Report } from "./use-cases.ts";

/** A pack that does not come back as it was: by damage to the backup, or because the archive had it so when it was saved. */
export interface RestoredPack {
  kind: "damaged" | "missing";
  tenant: TenantId;
  pack: PackId;
  /** Whether the archive that was backed up had the damage. */
  isFromArchive: boolean;
  /** Absolute path of the file in the backup. */
  file: string;
}

/** What copying a backup works with. */
export interface CopyBackupParts {
  disk: Disk;
  openStore(directory: string): BlobStore;
}

const effects: Readonly<Record<string, string>> = {
  "keys/keyring.json": "without its key file nothing of this backup can be read; use another copy of the key file",
  "keys/keyring.json.previous":
    "the key file from before a change that was cut short is lost; use another copy of the key file if the one in its place does not open",
  "catalogue/installation.sqlite":
    "tenants, connectors and people cannot be restored from this backup; its packs are not touched by this",
  "muniment.yaml": "the settings cannot be restored from this backup; its mail is not touched by this",
};

const escrowEffect =
  "the keys that open this tenant's encrypted mail cannot be restored from this backup; its mail is not touched by this";

async function copyFile({ disk }: CopyBackupParts, from: string, target: string, file: BackupFile): Promise<void> {
  const path = backupFolder(from).path(file.path);
  const effect =
    effects[file.as] ??
    (file.as.startsWith("keys/escrow/") ? escrowEffect : undefined) ??
    "this tenant's catalogue cannot be restored from this backup; its packs hold everything that rebuild catalogue needs";
  let found: Digest | undefined;
  try {
    const body = hashing(source(disk.stream(path)), (digest) => {
      found = digest;
    });
    await disk.create(join(target, file.as), body);
  } catch (error) {
    if (!isFailure(error, "BACKUP-SOURCE")) throw error;
    throw backupDamaged(
      `the backup's file ${path} is missing or cannot be read: ${error.message}`,
      `nothing was restored; ${effect}`,
    );
  }
  if (found?.sha256 !== file.sha256)
    throw backupDamaged(
      `the backup's file ${path} has ${found?.bytes ?? 0} bytes that do not match the digest in the manifest (${file.bytes} bytes)`,
      `nothing was restored; ${effect}`,
    );
}

/** Copies one pack; tells what it was, `missing` when there is no file, `unreadable` when it ends in an error. */
async function copyPack(
  from: BlobStore,
  to: BlobStore,
  { tenant, pack }: ListedPack,
): Promise<Digest | "missing" | "unreadable"> {
  const name = packBlobName({ tenant, pack });
  if ((await from.stat(name)) === undefined) return "missing";
  let found: Digest | "unreadable" = "unreadable";
  try {
    await to.put(name, () =>
      hashing(source(from.get(name)), (digest) => {
        found = digest;
      }),
    );
  } catch (error) {
    if (!isFailure(error, "BACKUP-SOURCE")) throw error;
  }
  return found;
}

/**
 * Copies a backup into an empty folder as a data folder, and compares every digest on the way.
 *
 * Packs that do not match are copied as they are and told: most of their mail may hold.
 * @throws `BACKUP-DAMAGED` for any other file, and what the disk throws; the target is then of no use
 */
export async function copyBackup(
  parts: CopyBackupParts,
  manifest: BackupManifest,
  from: string,
  target: string,
  report: Report,
): Promise<RestoredPack[]> {
  for (const file of manifest.files) await copyFile(parts, from, target, file);
  const list = backupFolder(from).path(manifest.packs.path);
  const isThere = (await parts.disk.size(list)) !== undefined;
  if (!isThere || (await digestOf(parts.disk.stream(list))).sha256 !== manifest.packs.sha256)
    throw backupDamaged(
      `the backup's list of packs ${list} is missing or does not match its digest`,
      "nothing was restored; the packs themselves may be whole, and the next backup writes a new list",
    );
  const stores = { from: parts.openStore(from), to: parts.openStore(join(target, "blobs")) };
  const wrong: RestoredPack[] = [];
  let done = 0;
  for await (const listed of listedPacks(parts.disk.stream(list))) {
    const { tenant, pack, bytes, sha256 } = listed;
    const told = { tenant, pack, file: backupFolder(from).path(packBlobName({ tenant, pack })) };
    if (listed.missing) wrong.push({ kind: "missing", ...told, isFromArchive: true });
    else {
      const found = await copyPack(stores.from, stores.to, listed);
      if (found === "missing") wrong.push({ kind: "missing", ...told, isFromArchive: false });
      else if (found === "unreadable" || found.sha256 !== sha256)
        wrong.push({ kind: "damaged", ...told, isFromArchive: false });
      else if (listed.damaged) wrong.push({ kind: "damaged", ...told, isFromArchive: true });
    }
    done += bytes;
    report({ done, total: manifest.packs.packBytes, unit: "bytes" });
  }
  return wrong;
}
