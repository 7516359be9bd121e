import type { ArchiveCatalogue, ReceiptOutcome } from "#catalogue/index.ts";
import { type Clock, type FailureFacts, failureFacts, type Log, MiB, type TenantId } from "#core/index.ts";
import type { Spool, SpooledItem, SpoolId } from "#spool/index.ts";
import type { Indexer } from "./indexer.ts";
import type { BatchRequest, WrittenBatch } from "./write-batch.ts";

/** A batch is what is waiting, up to these: one mail at night, hundreds under load, one sync for all. */
const batchItemsMax = 256;
const batchBytesMax = 16 * MiB;
/** Wait after a failed batch, doubled for each failure in a row up to the largest, in milliseconds. */
const retryMs = 250;
const retryMsMax = 30_000;
/** After this many worker crashes with an item alone in its batch, its bytes are archived unread. */
const crashesMax = 2;

export interface LoopParts {
  spool: Spool;
  catalogue: ArchiveCatalogue;
  indexer: Indexer;
  clock: Clock;
  log: Log;
  /** Runs {@link writeBatch} where the CPU work belongs. `WORKER-DIED` when the worker did not survive it. */
  writeBatch(request: BatchRequest): Promise<WrittenBatch>;
  /** Told what became of each receipt, after its spool entry was let go. */
  settled(tenant: TenantId, outcomes: readonly ReceiptOutcome[]): void;
}

/** The loop from spool to catalogue. */
export interface ArchiveLoop {
  /** Items that cannot be read from the spool; they stay there and are shown. */
  stuck(): ReadonlyMap<SpoolId, FailureFacts>;
  /** Resolves when everything that was waiting at the call has been archived, or the loop was stopped. */
  drained(): Promise<void>;
  /** Resolves when the batch at hand has ended, well or not: its pack is in the catalogue then, or will not be entered. */
  settled(): Promise<void>;
  /** Finishes the batch at hand and begins none. */
  stop(): Promise<void>;
}

/** Starts the loop; it runs until stopped, whatever fails. */
export function startArchiveLoop(parts: LoopParts): ArchiveLoop {
  const stopping = new AbortController();
  const stuck = new Map<SpoolId, FailureFacts>();
  const crashes = new Map<SpoolId, number>();
  let drainWaiters: { until: Set<SpoolId>; resolve: () => void }[] = [];

  /** The oldest waiting items of one tenant that fit a batch. A large one, or one that crashed a worker, goes alone. */
  function pick(): SpooledItem[] {
    const items: SpooledItem[] = [];
    let bytes = 0;
    for (const item of parts.spool.waiting()) {
      if (stuck.has(item.id)) continue;
      const isFirst = items.length === 0;
      if (!isFirst && (bytes + item.bytes > batchBytesMax || crashes.has(item.id))) break;
      if (!isFirst && item.arrival.destination.tenant !== items[0]?.arrival.destination.tenant) continue;
      items.push(item);
      bytes += item.bytes;
      if (items.length >= batchItemsMax || crashes.has(item.id)) break;
    }
    return items;
  }

  /** Items whose receipt, or whose import source, is in the catalogue already: archived before a crash, or imported twice. */
  async function splitKnown(tenant: TenantId, items: SpooledItem[]) {
    const receipts = items.map(({ arrival }) => arrival.receipt);
    const sourceKeys = items.flatMap(({ arrival }) => arrival.sourceKey ?? []);
    const known = await parts.catalogue.knownReceipts(tenant, { receipts, sourceKeys });
    const knownReceipts = new Set(known.receipts);
    const knownKeys = new Set(known.sourceKeys);
    const isKnown = ({ arrival }: SpooledItem) =>
      knownReceipts.has(arrival.receipt) || (arrival.sourceKey !== null && knownKeys.has(arrival.sourceKey));
    return { known: items.filter(isKnown), fresh: items.filter((item) => !isKnown(item)) };
  }

  function release(tenant: TenantId, items: readonly SpooledItem[], outcomes: readonly ReceiptOutcome[]): void {
    for (const { id } of items) {
      parts.spool.release(id);
      crashes.delete(id);
    }
    parts.settled(tenant, outcomes);
    noteDrained();
  }

  function noteDrained(): void {
    if (drainWaiters.length === 0) return;
    const waiting = new Set([...parts.spool.waiting()].map(({ id }) => id));
    drainWaiters = drainWaiters.filter(({ until, resolve }) => {
      for (const id of until) if (!waiting.has(id) || stuck.has(id)) until.delete(id);
      if (until.size > 0) return true;
      resolve();
      return false;
    });
  }

  async function archive(tenant: TenantId, picked: SpooledItem[]): Promise<void> {
    const { known, fresh } = await splitKnown(tenant, picked);
    release(
      tenant,
      known,
      known.map(({ arrival }) => ({ receipt: arrival.receipt, message: "" as never, state: "known", seq: 0 })),
    );
    if (fresh.length === 0) return;
    const isDistrusted = fresh.length === 1 && (crashes.get((fresh[0] as SpooledItem).id) ?? 0) > crashesMax;
    const { batch, texts, failed } = await parts.writeBatch({ tenant, items: fresh, isDistrusted });
    for (const { id, failure } of failed) {
      stuck.set(id, failure);
      parts.log("archive.item_stuck", { tenant, spool: id, code: failure.code, message: failure.message });
    }
    parts.indexer.offer(tenant, texts);
    const outcomes = batch.receipts.length === 0 ? [] : await parts.catalogue.commit(tenant, batch);
    release(
      tenant,
      fresh.filter(({ id }) => !stuck.has(id)),
      outcomes,
    );
    parts.indexer.wake(tenant);
  }

  let atHand: Promise<unknown> = Promise.resolve();

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const items = pick();
      const tenant = items[0]?.arrival.destination.tenant;
      if (tenant === undefined) {
        await parts.spool.arrival(stopping.signal);
        continue;
      }
      try {
        const batch = archive(tenant, items);
        atHand = batch.catch(() => undefined);
        await batch;
        failures = 0;
      } catch (error) {
        failures += 1;
        const failure = failureFacts(error);
        parts.log("archive.batch_failed", {
          tenant,
          items: items.length,
          code: failure.code,
          message: failure.message,
        });
        if (failure.code === "WORKER-DIED") for (const { id } of items) crashes.set(id, (crashes.get(id) ?? 0) + 1);
        else await parts.clock.sleep(Math.min(retryMs * 2 ** (failures - 1), retryMsMax), stopping.signal);
      }
    }
    for (const { resolve } of drainWaiters) resolve();
  }

  const running = run();
  return {
    stuck: () => stuck,
    drained: () => {
      const until = new Set([...parts.spool.waiting()].map(({ id }) => id).filter((id) => !stuck.has(id)));
      if (until.size === 0 || stopping.signal.aborted) return Promise.resolve();
      return new Promise((resolve) => drainWaiters.push({ until, resolve }));
    },
    settled: async () => {
      await atHand;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
