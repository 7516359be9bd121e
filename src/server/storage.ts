import type { BlobStore } from "#blob/index.ts";
import type { Catalogue } from "#catalogue/index.ts";
import { Failure, type Log } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import type { KeyRing } from "#keyring/index.ts";
import type { OpenPackKey } from "#pack/index.ts";
import type { SearchIndex } from "#search/index.ts";
import type { RoomMaker } from "#thread/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { openSqliteCatalogue } from "../catalogue/sqlite.ts";
import { createRealDisk } from "../disk/real.ts";
import { createFileKeyRing } from "../keyring/file-key-ring.ts";
import { type OpenKeyFile, readKeyFile, settleKeyFile } from "../keyring/key-file.ts";
import { openEmbeddedSearch } from "../search/embedded.ts";
import { createBusyDisk } from "./busy-disk.ts";
import type { DataFolder } from "./data-folder.ts";
import { systemClock, systemEntropy } from "./system.ts";

/** The adapters of an installation on one machine. */
export interface Storage {
  disk: Disk;
  keyRing: KeyRing;
  openKey: OpenPackKey;
  blobs: BlobStore;
  catalogue: Catalogue;
  search: SearchIndex;
  /** The threads of catalogue and index. */
  heaps: readonly RoomMaker[];
  close(): Promise<void>;
}

const nothingWritten = "nothing was written";

/** Whether the folder holds something that only an existing key file can have sealed or described. */
async function holdsData(disk: Disk, folder: DataFolder): Promise<boolean> {
  for (const directory of [folder.blobs, folder.spool, folder.catalogue])
    if ((await disk.list(directory)).length > 0) return true;
  return false;
}

/** @throws `KEY-FILE-MISSING` when the folder holds an archive's data and no key file: keys are never made for sealed mail */
export async function assertNoOrphans(folder: DataFolder): Promise<void> {
  const disk = createRealDisk();
  if ((await disk.size(folder.keyFile)) !== undefined || !(await holdsData(disk, folder))) return;
  throw new Failure(
    "KEY-FILE-MISSING",
    "never",
    `${folder.root} holds mail and its key file ${folder.keyFile} is gone`,
    {
      publicText: "the archive's key file is gone",
      effect: `${nothingWritten}; the mail is there and sealed until the key file is restored from its copy`,
    },
  );
}

/** @throws `ARCHIVE-MISSING`, `KEY-FILE-MISSING` when there is no archive in the folder; nothing is written */
export async function assertArchive(folder: DataFolder): Promise<void> {
  await assertNoOrphans(folder);
  if ((await createRealDisk().size(folder.keyFile)) !== undefined) return;
  throw new Failure(
    "ARCHIVE-MISSING",
    "never",
    `there is no archive in ${folder.root}: its key file ${folder.keyFile} does not exist`,
    {
      publicText: "there is no archive in this data folder; make one with: muniment init --data DIR",
      effect: nothingWritten,
    },
  );
}

/**
 * Opens the keys and writes nothing: fine beside a running server.
 *
 * @throws `ARCHIVE-MISSING`, `KEY-FILE-MISSING`, `PASSPHRASE-WRONG`, `KEY-DAMAGED`, `KEY-VERSION`, `KEY-UNREADABLE`
 */
export async function openKeys(
  folder: DataFolder,
  passphrase: string | null,
): Promise<{ disk: Disk; keyRing: KeyRing; from: OpenKeyFile["from"] }> {
  await assertArchive(folder);
  const disk = createBusyDisk();
  const { keys, from } = await readKeyFile(disk, folder.keyFile, { kind: "passphrase", passphrase });
  return { disk, keyRing: createFileKeyRing(disk, folder.keyFile, keys, systemEntropy, systemClock), from };
}

/**
 * Opens what an archive is stored in. The caller holds the folder's lock.
 *
 * @throws what {@link openKeys} throws, and what the engines throw
 */
export async function openStorage(folder: DataFolder, passphrase: string | null, log: Log): Promise<Storage> {
  const { disk, keyRing, from } = await openKeys(folder, passphrase);
  await disk.settle(folder.root);
  await settleKeyFile(disk, folder.keyFile, from);
  const catalogue = await openSqliteCatalogue({ directory: folder.catalogue, log });
  const search = await openEmbeddedSearch({ directory: folder.search, log });
  return {
    disk,
    keyRing,
    openKey: (tenant, pack, wrapped) => keyRing.openPackKey(tenant, pack, wrapped),
    blobs: createFolderBlobStore(disk, folder.blobs),
    catalogue,
    search,
    heaps: [catalogue, search],
    close: async () => {
      await search.close();
      await catalogue.close();
    },
  };
}
