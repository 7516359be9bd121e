/**
 * Backups: a consistent copy of everything that cannot be made anew, and the way back. See docs/formats/backup.md.
 *
 * It knows files, packs and digests, not what mail is; it opens no pack and needs no key.
 */
export { createBackups } from "./backups.ts";
export { copyBackup, type RestoredPack } from "./copy-backup.ts";
export { type BackupManifest, readManifest } from "./manifest.ts";
export { writeRestoreTest } from "./restore-test.ts";
export type * from "./use-cases.ts";
