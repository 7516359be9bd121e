/** What the command line needs of the server. Tests bring their own. */
export type ServerDoor = Pick<
  typeof import("#server/index.ts"),
  | "openArchive"
  | "initArchive"
  | "rebuildCatalogue"
  | "reencryptArchive"
  | "restoreBackup"
  | "inspectPack"
  | "inspectSpool"
  | "listKeys"
  | "rotateTenantKeys"
  | "rotateRootKey"
  | "changePassphrase"
  | "makeRecoveryKit"
  | "recoverKeys"
  | "testRecovery"
>;

/** Loads the server: only commands that open the archive in this process pay for it. */
export function loadServer(): Promise<ServerDoor> {
  return import("#server/index.ts");
}
