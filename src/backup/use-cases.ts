import type { Instant, PackId, TenantId } from "#core/index.ts";

/** A pack that is damaged in the archive, or gone from it, and of which the backup has no good copy. */
export interface LeftPack {
  kind: "damaged" | "missing";
  tenant: TenantId;
  pack: PackId;
}

/** What a backup did and holds. */
export interface BackupResult {
  /** Absolute path of the backup's folder. */
  directory: string;
  id: string;
  snapshotAt: Instant;
  isKeyProtected: boolean;
  tenants: { id: TenantId; changes: number; messages: number; receipts: number; packs: number; packBytes: number }[];
  /** Packs in the backup, and those of them that were copied now. */
  packs: { count: number; bytes: number; copied: number; copiedBytes: number };
  /** Messages that were accepted and not archived when the snapshot was taken. */
  notIncluded: number;
  left: LeftPack[];
  /** The last test of a backup in this folder that succeeded; null when there was none. */
  lastRestoreTest: { testedAt: Instant; backup: string } | null;
}

/** Told how far long work is. */
export type Report = (progress: { done: number; total: number; unit: string }) => void;

/** What the API may ask for: the whole installation is backed up, whoever's mail it is. */
export interface Backups {
  /**
   * Brings the backup in a folder up to now. May be repeated; what is there already is not copied again. When it fails, the backup
   * that was there before is whole.
   *
   * @param directory absolute path on the server's machine
   * @param isChecking also reads every pack that is there already, and copies it again where it is not as it should be
   * @throws `BACKUP-PLACE`, `BACKUP-OTHER`, `BACKUP-BUSY`, `BACKUP-VERSION`, `SERVER-STOPPING`, and what disk and catalogue throw
   */
  backup(request: { directory: string; isChecking: boolean }, report: Report): Promise<BackupResult>;
}
