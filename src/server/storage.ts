import type { BlobStore } from "#blob/index.ts";
import type { Catalogue } from "#catalogue/index.ts";
import { Failure, type Log } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import type { KeyRing } from "#keyring/index.ts";
import type { OpenPackKey } from "#pack/index.ts";
import type { SearchIndex } from "#search/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { openSqliteCatalogue } from "../catalogue/sqlite.ts";
import { createRealDisk } from "../disk/real.ts";
import { openKeyFile } from "../keyring/file-key-ring.ts";
import { openEmbeddedSearch } from "../search/embedded.ts";
import type { DataFolder } from "./data-folder.ts";
import { systemEntropy } from "./system.ts";

/** The adapters of an installation on one machine. */
export interface Storage {
  disk: Disk;
  keyRing: KeyRing;
  openKey: OpenPackKey;
  blobs: BlobStore;
  catalogue: Catalogue;
  search: SearchIndex;
  close(): Promise<void>;
}

/** @throws `ARCHIVE-MISSING` when there is no archive in the folder; nothing is written */
export async function assertArchive(folder: DataFolder): Promise<void> {
  if ((await createRealDisk().size(folder.keyFile)) !== undefined) return;
  throw new Failure(
    "ARCHIVE-MISSING",
    "never",
    `there is no archive in ${folder.root}: its key file ${folder.keyFile} does not exist`,
    {
      publicText: "there is no archive in this data folder; make one with: muniment init --data DIR",
      effect: "nothing was written",
    },
  );
}

/** @throws `ARCHIVE-MISSING`, `KEY-WRONG`, `KEY-DAMAGED` */
export async function openKeys(
  folder: DataFolder,
  passphrase: string | null,
): Promise<{ disk: Disk; keyRing: KeyRing }> {
  await assertArchive(folder);
  const disk = createRealDisk();
  return { disk, keyRing: await openKeyFile(disk, folder.keyFile, passphrase, systemEntropy) };
}

/**
 * Opens what an archive is stored in. The caller holds the folder's lock.
 *
 * @throws `ARCHIVE-MISSING`, `KEY-WRONG`, `KEY-DAMAGED`, and what the engines throw
 */
export async function openStorage(folder: DataFolder, passphrase: string | null, log: Log): Promise<Storage> {
  const { disk, keyRing } = await openKeys(folder, passphrase);
  await disk.settle(folder.root);
  const catalogue = await openSqliteCatalogue({ directory: folder.catalogue, log });
  const search = await openEmbeddedSearch({ directory: folder.search, log });
  return {
    disk,
    keyRing,
    openKey: (tenant, pack, wrapped) => keyRing.openPackKey(tenant, pack, wrapped),
    blobs: createFolderBlobStore(disk, folder.blobs),
    catalogue,
    search,
    close: async () => {
      await search.close();
      await catalogue.close();
    },
  };
}
