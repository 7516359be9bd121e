import { parentPort, workerData } from "node:worker_threads";
import { type BatchRequest, createArchivedReader, createPackOpener, gather, writeBatch } from "#archive/index.ts";
import type { MessageRow, SmimeEntry } from "#catalogue/index.ts";
import { must, type PackId, type TenantId } from "#core/index.ts";
import type { OpeningKeys } from "#escrow/index.ts";
import type { PackKey } from "#keyring/index.ts";
import { readSpooled } from "#spool/index.ts";
import { connectCalls } from "#thread/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { createRealDisk } from "../disk/real.ts";
import type { ArchiveWorkerData } from "./archive-workers.ts";
import { createKeyCache } from "./key-cache.ts";
import { systemClock } from "./system.ts";

// The thread that does the archive's CPU work: it reads the spool and writes packs by itself, and asks the main thread for
// keys and for what is stored already.
must(parentPort !== null, "the archive worker runs in a thread");
const { spool, blobs } = workerData as ArchiveWorkerData;
const disk = createRealDisk();
const store = createFolderBlobStore(disk, blobs);
const openPackKey = (tenant: TenantId, pack: PackId, wrapped: Uint8Array) =>
  main.call<Uint8Array>("openPackKey", { tenant, pack, wrapped });
const openPack = createPackOpener(store, openPackKey);
const keys = createKeyCache((tenant) => main.call<OpeningKeys>("openingKeys", tenant));
const reader = createArchivedReader({
  blobs: store,
  catalogue: {
    messages: (tenant, ids) => main.call("messages", { tenant, ids }),
    parts: (tenant, names) => main.call("knownParts", { tenant, names }),
  },
  openKey: openPackKey,
  clock: systemClock,
  tools: (tenant) => keys.of(tenant),
});
const spoolKeys = new Map<string, Promise<Uint8Array>>();

/** One message to be read again. */
interface ReadRequest {
  tenant: TenantId;
  row: MessageRow;
  before: SmimeEntry | null;
}

const main = connectCalls(parentPort, {
  readArchived: ({ tenant, row, before }: ReadRequest) => reader.read(tenant, row, before),
  openArchived: ({ tenant, row, before }: ReadRequest) => reader.open(tenant, row, before),
  describeArchived: ({ tenant, row, before }: ReadRequest) => reader.describe(tenant, row, before),
  entity: ({ tenant, row, path }: Pick<ReadRequest, "tenant" | "row"> & { path: string }) =>
    reader.entity(tenant, row, path),
  forgetKeys: async (tenant: TenantId) => keys.forget(tenant),
  writeBatch: (request: BatchRequest) =>
    disk.reading((readAt) =>
      writeBatch(
        {
          blobs: store,
          clock: systemClock,
          load: (item) => gather(readSpooled(readAt, spool, keyOfSalt, item), item.bytes),
          knownMessages: (tenant, digests) => main.call("knownMessages", { tenant, digests }),
          knownParts: (tenant, names) => main.call("knownParts", { tenant, names }),
          partKey: (tenant) => main.call<Uint8Array>("partKey", tenant),
          openPack,
          createPackKey: (tenant, pack) => main.call<PackKey>("createPackKey", { tenant, pack }),
        },
        request,
      ),
    ),
});

function keyOfSalt(salt: Uint8Array): Promise<Uint8Array> {
  const name = Buffer.from(salt).toString("hex");
  const key = spoolKeys.get(name) ?? main.call<Uint8Array>("spoolKey", salt);
  spoolKeys.set(name, key);
  return key;
}
