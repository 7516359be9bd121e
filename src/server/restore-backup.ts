import { resolve } from "node:path";
import { createRetrieval, verifyArchive } from "#archive/index.ts";
import { type BackupManifest, copyBackup, type RestoredPack, readManifest, writeRestoreTest } from "#backup/index.ts";
import { Failure, type Instant, type TenantId } from "#core/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { createRealDisk } from "../disk/real.ts";
import { dataFolder } from "./data-folder.ts";
import { readPassphrase } from "./passphrase.ts";
import { makeTarget, type Target } from "./restore-target.ts";
import { openStorage } from "./storage.ts";
import { systemClock, systemEntropy } from "./system.ts";

/** What to restore, and to what end. */
export interface RestoreOptions {
  /** The backup's folder. */
  from: string;
  /** Where the data folder is to be; null restores to a scratch folder beside the backup and removes it again. */
  data: string | null;
  passphraseFile?: string;
  /** Share of the bytes that is read back after the digests were compared; null reads all. */
  sample: number | null;
  /** Install the archive also when packs of the backup are damaged. */
  isDamageAccepted: boolean;
  report: (progress: { done: number; total: number; unit: string }) => void;
}

/** What was restored, or would be. */
export interface Restored {
  /** Everything is as it was when the backup was made. */
  ok: boolean;
  /** The new data folder; null for a test. */
  data: string | null;
  backup: string;
  snapshotAt: Instant;
  tenants: BackupManifest["tenants"];
  files: number;
  packs: number;
  bytes: number;
  /** Messages and bytes that were read back. */
  checked: number;
  checkedBytes: number;
  notIncluded: number;
  damagedPacks: RestoredPack[];
  damaged: { tenant: TenantId; id: string | null; pack: string; place: string; detail: string }[];
}

type Verified = Pick<Restored, "checked" | "checkedBytes" | "damaged">;

/** Opens what was copied and reads it back as an auditor would. */
async function verified(target: string, options: RestoreOptions): Promise<Verified> {
  const storage = await openStorage(dataFolder(target), readPassphrase(options.passphraseFile), () => undefined);
  try {
    const { blobs, catalogue, openKey } = storage;
    const retrieval = createRetrieval({ blobs, catalogue, openKey });
    const settled = async () => null;
    const parts = { blobs, catalogue, openKey, retrieval, entropy: systemEntropy, settled, examined: () => undefined };
    const result: Verified = { checked: 0, checkedBytes: 0, damaged: [] };
    for (const { id } of await catalogue.tenants()) {
      const { checked, bytes, damaged } = await verifyArchive(
        parts,
        id,
        { sample: options.sample, since: null },
        options.report,
      );
      result.checked += checked;
      result.checkedBytes += bytes;
      result.damaged.push(...damaged.map((one) => ({ tenant: id, ...one })));
    }
    return result;
  } finally {
    await storage.close();
  }
}

/** Packs named in an error; a dead disk damages them all. */
const filesNamedMax = 20;

/** Throws when the backup does not hold what it promised; what the archive had lost before is not its fault. */
function refuseDamage({ damagedPacks, damaged }: Pick<Restored, "damagedPacks" | "damaged">): void {
  const ours = damagedPacks.filter(({ isFromArchive }) => !isFromArchive);
  const known = new Set(damagedPacks.map(({ pack }) => pack as string));
  const others = damaged.filter(({ pack }) => !known.has(pack));
  if (ours.length === 0 && others.length === 0) return;
  const ids = new Set(damaged.flatMap(({ id }) => id ?? []));
  const named = ours.slice(0, filesNamedMax).map(({ kind, file }) => `${file} is ${kind}`);
  const places = others.slice(0, filesNamedMax).map(({ pack, place }) => `pack ${pack}: ${place}`);
  const more = ours.length + others.length - named.length - places.length;
  const what = [...named, ...places, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
  throw new Failure("BACKUP-DAMAGED", "never", `the backup does not hold what it promised: ${what}`, {
    effect: `nothing was restored; ${ids.size} messages are touched, all others can be had with --accept-damage`,
  });
}

/**
 * Restores a backup: copies it beside the data folder, compares every digest, reads everything back, and only then gives the
 * data folder its name. Or tests it: the same in a scratch folder, which is removed; a test that succeeded goes on record.
 *
 * Nothing is half-installed: what is unfinished has another name and is removed.
 * @throws `RESTORE-TARGET`, `BACKUP-MISSING`, `BACKUP-INCOMPLETE`, `BACKUP-DAMAGED`, `BACKUP-VERSION`, `DISK-FULL`, `KEY-WRONG`
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const disk = createRealDisk();
  const from = resolve(options.from);
  const manifest = await readManifest(disk, from);
  const target = makeTarget(from, options.data === null ? null : resolve(options.data));
  try {
    await checkRoom(manifest, target);
    const openStore = (directory: string) => createFolderBlobStore(disk, directory);
    const damagedPacks = await copyBackup({ disk, openStore }, manifest, from, target.unfinished, options.report);
    const result = { damagedPacks, ...(await verified(target.unfinished, options)) };
    const ok = damagedPacks.length === 0 && result.damaged.length === 0;
    if (options.data !== null) {
      if (!options.isDamageAccepted) refuseDamage(result);
      target.install();
    } else if (ok) {
      const { id: backup, snapshotAt } = manifest;
      const share = options.sample ?? 1;
      const { checked: messages, checkedBytes: bytes } = result;
      await writeRestoreTest(disk, from, { testedAt: systemClock.now(), backup, snapshotAt, messages, bytes, share });
    }
    return { ok, data: target.data, ...countsOf(manifest), ...result };
  } finally {
    target.clear();
  }
}

async function checkRoom({ files, packs }: BackupManifest, { unfinished }: Target): Promise<void> {
  const needed = packs.packBytes + files.reduce((sum, { bytes }) => sum + bytes, 0);
  const free = await createRealDisk().freeBytes(unfinished);
  if (free >= needed) return;
  throw new Failure("DISK-FULL", "later", `${unfinished} has room for ${free} bytes; the backup has ${needed}`, {
    effect: "nothing was restored",
  });
}

function countsOf(manifest: BackupManifest) {
  const { id: backup, snapshotAt, tenants, files, packs, notIncluded } = manifest;
  return {
    ...{ backup, snapshotAt, tenants, files: files.length },
    ...{ packs: packs.count, bytes: packs.packBytes, notIncluded: notIncluded.items },
  };
}
