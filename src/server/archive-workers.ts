import { Worker } from "node:worker_threads";
import type { ArchivedReader, BatchRequest, MergeRequest, WrittenBatch } from "#archive/index.ts";
import type { ArchiveCatalogue, CatalogueMerge } from "#catalogue/index.ts";
import {
  Failure,
  type Log,
  type MessageId,
  type PackId,
  type PartName,
  type Sha256,
  type TenantId,
} from "#core/index.ts";
import type { Escrow } from "#escrow/index.ts";
import type { KeyRing } from "#keyring/index.ts";
import { type Caller, connectCalls, needsRoom, type RoomMaker } from "#thread/index.ts";

/** What an archive worker is told at its start. */
export interface ArchiveWorkerData {
  spool: string;
  blobs: string;
}

/** A thread that writes batches and merges packs, started when it is needed and again when it died. */
export interface ArchiveWorker extends RoomMaker {
  /** @throws `WORKER-DIED` when the thread ended before it answered */
  writeBatch(request: BatchRequest): Promise<WrittenBatch>;
  /** Reads archived mail again, in the thread. */
  reader: ArchivedReader;
  /** Lets the thread ask for the tenant's keys again; nothing to do while there is no thread. */
  forgetKeys(tenant: TenantId): Promise<void>;
  /** A thread at work collects; an idle one is ended, with all its heap, and started again when it is needed. */
  makeRoom(bytes: number): void;
  /** As {@link mergePacks}, at the pace of the background. @throws `WORKER-DIED` */
  mergePacks(request: MergeRequest): Promise<CatalogueMerge>;
  /** As {@link provePack}, likewise. */
  provePack(tenant: TenantId, pack: PackId): Promise<void>;
  /** Starts the thread before it is needed, so that the first mail does not wait for it. May be repeated. */
  warm(): void;
  stop(): Promise<void>;
}

// Sources run directly in development and as built files in a release; a thread's entry follows its parent.
const entry = new URL(import.meta.url.endsWith(".ts") ? "./archive-worker.ts" : "./archive-worker.js", import.meta.url);

/** A worker whose thread asks this one for the catalogue and the key ring, which stay here. */
export function createArchiveWorker(
  parts: {
    catalogue: Pick<ArchiveCatalogue, "knownMessages" | "messages" | "parts">;
    keyRing: KeyRing;
    escrow: Pick<Escrow, "opening">;
    log: Log;
  },
  data: ArchiveWorkerData,
): ArchiveWorker {
  let running: { worker: Worker; caller: Caller } | undefined;
  let unanswered = 0;

  function start(): { worker: Worker; caller: Caller } {
    const worker = new Worker(entry, { workerData: data });
    const caller = connectCalls(worker, {
      knownMessages: ({ tenant, digests }: { tenant: TenantId; digests: Sha256[] }) =>
        parts.catalogue.knownMessages(tenant, digests),
      knownParts: ({ tenant, names }: { tenant: TenantId; names: PartName[] }) => parts.catalogue.parts(tenant, names),
      messages: ({ tenant, ids }: { tenant: TenantId; ids: MessageId[] }) => parts.catalogue.messages(tenant, ids),
      openingKeys: (tenant: TenantId) => parts.escrow.opening(tenant),
      partKey: (tenant: TenantId) => parts.keyRing.partKey(tenant),
      openPackKey: ({ tenant, pack, wrapped }: { tenant: TenantId; pack: PackId; wrapped: Uint8Array }) =>
        parts.keyRing.openPackKey(tenant, pack, wrapped),
      createPackKey: ({ tenant, pack }: { tenant: TenantId; pack: PackId }) =>
        parts.keyRing.createPackKey(tenant, pack),
      spoolKey: (salt: Uint8Array) => parts.keyRing.spoolKey(salt),
    });
    worker.on("error", (error) => parts.log("worker.died", { error: String(error) }));
    worker.on("exit", () => {
      if (running?.worker === worker) running = undefined;
      caller.fail(new Failure("WORKER-DIED", "later", "the archive worker ended before it answered"));
    });
    return { worker, caller };
  }

  async function call<Answer>(method: string, argument: unknown): Promise<Answer> {
    running ??= start();
    unanswered += 1;
    try {
      return await running.caller.call<Answer>(method, argument);
    } finally {
      unanswered -= 1;
    }
  }

  return {
    writeBatch: (request) => call("writeBatch", request),
    reader: {
      read: (tenant, row, before) => call("readArchived", { tenant, row, before }),
      open: (tenant, row, before) => call("openArchived", { tenant, row, before }),
      describe: (tenant, row, before) => call("describeArchived", { tenant, row, before }),
      entity: (tenant, row, path) => call("entity", { tenant, row, path }),
      part: (tenant, row, path) => call("part", { tenant, row, path }),
    },
    forgetKeys: async (tenant) => {
      await running?.caller.call("forgetKeys", tenant);
    },
    makeRoom: (bytes) => {
      if (running === undefined || !needsRoom(bytes)) return;
      // For memory's sake alone: what the thread is doing goes on, and its end is no failure.
      if (unanswered > 0) {
        running.caller.call("makeRoom", bytes).catch(() => undefined);
        return;
      }
      void running.worker.terminate();
      running = undefined;
    },
    mergePacks: (request) => call<CatalogueMerge>("mergePacks", request),
    provePack: (tenant, pack) => call<void>("provePack", { tenant, pack }),
    warm: () => {
      running ??= start();
    },
    stop: async () => {
      await running?.worker.terminate();
    },
  };
}
