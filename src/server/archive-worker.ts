import { parentPort, workerData } from "node:worker_threads";
import {
  type BatchRequest,
  createArchivedReader,
  createBandwidth,
  createPackOpener,
  gather,
  type MergeRequest,
  mergeBounds,
  mergePacks,
  provePack,
  throttled,
  writeBatch,
} from "#archive/index.ts";
import type { MessageRow, PartEntry, SmimeEntry } from "#catalogue/index.ts";
import { type MessageId, MiB, must, type PackId, type PartName, type TenantId } from "#core/index.ts";
import type { OpeningKeys } from "#escrow/index.ts";
import type { PackKey } from "#keyring/index.ts";
import type { OpenPackKey } from "#pack/index.ts";
import { cachedKeys, readSpooled } from "#spool/index.ts";
import { type Caller, connectCalls, giveRoomBack, makeRoom } from "#thread/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import type { ArchiveWorkerData } from "./archive-workers.ts";
import { createBusyDisk } from "./busy-disk.ts";
import { createKeyCache } from "./key-cache.ts";
import { systemClock } from "./system.ts";
import { stepBack } from "./thread-priority.ts";

// The thread that does the archive's CPU work: it reads the spool and writes packs by itself, and asks the main thread for
// keys and for what is stored already.
must(parentPort !== null, "the archive worker runs in a thread");
// What is durable on the spool can wait; a sender that waits for its 250 does so for as long.
stepBack();
const { spool, blobs } = workerData as ArchiveWorkerData;
// Each byte of it is plain, compressed and sealed, one after the other, in buffers of their own.
const disk = createBusyDisk(2 * MiB);
const store = createFolderBlobStore(disk, blobs);
const openKey: OpenPackKey = (tenant, pack, wrapped) => main.call<Uint8Array>("openPackKey", { tenant, pack, wrapped });
const openPack = createPackOpener(store, openKey);
const { bytesPerSecond, burstBytes } = mergeBounds;
const pacedStore = throttled(store, createBandwidth(systemClock, bytesPerSecond, burstBytes));
const keyOfSalt = cachedKeys((salt) => main.call<Uint8Array>("spoolKey", salt));

/** What merging reads and writes with: the store at the pace of the background. */
const merging = {
  blobs: pacedStore,
  clock: systemClock,
  openKey,
  partKey: (tenant: TenantId) => main.call<Uint8Array>("partKey", tenant),
  createPackKey: (tenant: TenantId, pack: PackId) => main.call<PackKey>("createPackKey", { tenant, pack }),
  catalogue: {
    messages: (tenant: TenantId, ids: readonly MessageId[]) => main.call<MessageRow[]>("messages", { tenant, ids }),
    parts: (tenant: TenantId, names: readonly PartName[]) => main.call<PartEntry[]>("knownParts", { tenant, names }),
  },
};

const keys = createKeyCache((tenant) => main.call<OpeningKeys>("openingKeys", tenant));
const reader = createArchivedReader({
  blobs: store,
  catalogue: {
    messages: (tenant, ids) => main.call("messages", { tenant, ids }),
    parts: (tenant, names) => main.call("knownParts", { tenant, names }),
  },
  openKey,
  clock: systemClock,
  tools: (tenant) => keys.of(tenant),
});

/** One message to be read again. */
interface ReadRequest {
  tenant: TenantId;
  row: MessageRow;
  before: SmimeEntry | null;
}

const main: Caller = connectCalls(parentPort, {
  mergePacks: (request: MergeRequest) => mergePacks(merging, request),
  provePack: async ({ tenant, pack }: { tenant: TenantId; pack: PackId }) => {
    await provePack(merging, tenant, pack);
  },
  readArchived: ({ tenant, row, before }: ReadRequest) => reader.read(tenant, row, before),
  openArchived: ({ tenant, row, before }: ReadRequest) => reader.open(tenant, row, before),
  describeArchived: ({ tenant, row, before }: ReadRequest) => reader.describe(tenant, row, before),
  entity: ({ tenant, row, path }: Pick<ReadRequest, "tenant" | "row"> & { path: string }) =>
    reader.entity(tenant, row, path),
  part: ({ tenant, row, path }: Pick<ReadRequest, "tenant" | "row"> & { path: string }) =>
    reader.part(tenant, row, path),
  forgetKeys: async (tenant: TenantId) => keys.forget(tenant),
  makeRoom: async (bytes: number) => makeRoom(bytes),
  writeBatch: async (request: BatchRequest) => {
    const written = await disk.reading((readAt) =>
      writeBatch(
        {
          blobs: store,
          clock: systemClock,
          load: (item) => {
            makeRoom(item.bytes);
            return gather(readSpooled(readAt, spool, keyOfSalt, item), item.bytes);
          },
          knownMessages: (tenant, digests) => main.call("knownMessages", { tenant, digests }),
          knownParts: (tenant, names) => main.call("knownParts", { tenant, names }),
          partKey: (tenant) => main.call<Uint8Array>("partKey", tenant),
          openPack,
          createPackKey: (tenant, pack) => main.call<PackKey>("createPackKey", { tenant, pack }),
        },
        request,
      ),
    );
    giveRoomBack(Math.max(...request.items.map(({ bytes }) => bytes)));
    return written;
  },
});
