/**
 * The composition root: configuration → adapters → loops → start, drain, stop. The one place where seams meet their
 * implementations; nothing imports it but the command line.
 */
export { dataFolder } from "./data-folder.ts";
export { initArchive } from "./init-archive.ts";
export { inspectPack, inspectSpool } from "./inspect.ts";
export { changePassphrase, listKeys, rotateRootKey, rotateTenantKeys } from "./keys.ts";
export { lockFolder } from "./lock.ts";
export { openArchive, productVersion, type RunningArchive } from "./open-archive.ts";
export { type Rebuilt, rebuildCatalogue } from "./rebuild-catalogue.ts";
export { makeRecoveryKit, recoverKeys, testRecovery } from "./recovery.ts";
export { type ReencryptedArchive, reencryptArchive } from "./reencrypt.ts";
export { type Restored, type RestoreOptions, restoreBackup } from "./restore-backup.ts";
export { systemClock } from "./system.ts";
