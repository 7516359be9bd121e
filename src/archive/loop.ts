import type { BlobStore } from "#blob/index.ts";
import { type ArchiveCatalogue, loopFlag, type ReceiptOutcome } from "#catalogue/index.ts";
import {
  type Clock,
  type Entropy,
  type FailureFacts,
  failureFacts,
  type Log,
  MiB,
  type PackId,
  type TenantId,
} from "#core/index.ts";
import { packBlobName } from "#pack/index.ts";
import type { Spool, SpooledItem, SpoolId } from "#spool/index.ts";
import type { ClockWatch } from "./clock-watch.ts";
import { createFaultLedger } from "./fault-ledger.ts";
import type { Indexer } from "./indexer.ts";
import type { Distrust } from "./read-item.ts";
import { type BatchRequest, nextPackId, packTime, type WrittenBatch } from "./write-batch.ts";

/** A batch is what is waiting, up to these: one mail at night, hundreds under load, one sync for all. */
const batchItemsMax = 256;
const batchBytesMax = 16 * MiB;
/**
 * Unless a full one is waiting, a batch begins no sooner than this after the last began, in milliseconds: every batch costs
 * a pack and several syncs, which senders that wait for each 250 would pay for.
 */
const gatherMs = 300;
/** Wait after a failed batch, doubled for each failure in a row up to the largest, in milliseconds. */
const retryMs = 250;
const retryMsMax = 30_000;
/** After this many worker crashes with an item alone in its batch, its bytes are archived unread. */
const crashesMax = 2;
/** After this many failures of the catalogue's code to enter a durable pack, its items are archived in another way. */
const refusalsMax = 3;

/** What the loop works with. */
export interface LoopParts {
  spool: Spool;
  /** Only to remove a pack whose writing failed. */
  blobs: Pick<BlobStore, "delete">;
  catalogue: ArchiveCatalogue;
  indexer: Indexer;
  clock: Clock;
  clockWatch: ClockWatch;
  entropy: Entropy;
  log: Log;
  /** The last pack in the store of each tenant at start. */
  newestPacks: ReadonlyMap<TenantId, PackId>;
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
  /**
   * Resolves when the batch at hand has ended, well or not: its pack is in the catalogue then, unless it failed and is to be
   * settled later. That pack is returned: it may lie in the store meanwhile, and will be entered or removed.
   */
  settled(): Promise<PackId | null>;
  /** Finishes the batch at hand and begins none. */
  stop(): Promise<void>;
}

/** A batch whose outcome is not known yet: no other batch is written before it is settled. */
interface OpenBatch {
  tenant: TenantId;
  items: readonly SpooledItem[];
  pack: PackId;
  /** Undefined while the pack's writing has not succeeded. */
  written: WrittenBatch | undefined;
  /** How often the catalogue's own code failed on it. */
  refusals: number;
}

const backoffMs = (failures: number): number => Math.min(retryMs * 2 ** (failures - 1), retryMsMax);

/** Starts the loop; it runs until stopped, whatever fails. */
export function startArchiveLoop(parts: LoopParts): ArchiveLoop {
  const stopping = new AbortController();
  const stuck = new Map<SpoolId, FailureFacts>();
  const crashes = new Map<SpoolId, number>();
  const faults = createFaultLedger();
  /** Items that could not be read just now, with when to try them again: others go on meanwhile. */
  const aside = new Map<SpoolId, { untilMs: number; failures: number }>();
  const newestPacks = new Map(parts.newestPacks);
  let open: OpenBatch | undefined;
  let gathering = new AbortController();
  let atHand: Promise<unknown> = Promise.resolve();
  let drainWaiters: { until: Set<SpoolId>; resolve: () => void }[] = [];

  /** The oldest waiting items of one tenant that fit a batch. A large one, or one that crashed a worker, goes alone. */
  function pick(): SpooledItem[] {
    const items: SpooledItem[] = [];
    let bytes = 0;
    let itemsMax = batchItemsMax;
    for (const item of parts.spool.waiting()) {
      if (stuck.has(item.id) || (aside.get(item.id)?.untilMs ?? 0) > parts.clock.elapsedMs()) continue;
      const isFirst = items.length === 0;
      if (!isFirst && (bytes + item.bytes > batchBytesMax || crashes.has(item.id))) break;
      if (!isFirst && item.arrival.destination.tenant !== items[0]?.arrival.destination.tenant) continue;
      const max = Math.min(itemsMax, faults.batchMax(item.id));
      if (items.length >= max) break;
      itemsMax = max;
      items.push(item);
      bytes += item.bytes;
      if (items.length >= itemsMax || crashes.has(item.id)) break;
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
      faults.forget(id);
      aside.delete(id);
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
    const distrust = fresh.length === 1 ? distrustOf((fresh[0] as SpooledItem).id) : null;
    const pack = nextPackId(newestPacks.get(tenant) ?? null, parts.clock, parts.entropy);
    newestPacks.set(tenant, pack);
    const doubt = parts.clockWatch.doubt(packTime(pack));
    if (doubt !== null) parts.log("archive.clock_in_doubt", { tenant, doubt });
    open = { tenant, items: fresh, pack, written: undefined, refusals: 0 };
    open.written = await parts.writeBatch({ tenant, items: fresh, pack, distrust, isClockUnsure: doubt !== null });
    await commit(open, open.written);
    open = undefined;
  }

  function distrustOf(id: SpoolId): Distrust | null {
    if ((crashes.get(id) ?? 0) > crashesMax) return "unreadable_crash";
    return faults.isAtFault(id) ? "storing_fault" : null;
  }

  /** Enters a durable pack and lets its items go. */
  async function commit({ tenant, items }: OpenBatch, { batch, texts, failed, doubted }: WrittenBatch): Promise<void> {
    if (doubted.length > 0) parts.log("archive.parts_doubted", { tenant, sha256: doubted });
    const outcomes = batch.receipts.length === 0 ? [] : await parts.catalogue.commit(tenant, batch);
    if (items.length > failed.length) faults.noteStored();
    const looped = batch.receipts.filter(({ flags }) => flags.includes(loopFlag));
    for (const { connector, receipt } of looped) parts.log("archive.journal_loop", { tenant, connector, receipt });
    for (const { id, failure } of failed) setAside(tenant, id, failure);
    const unread = new Set(failed.map(({ id }) => id));
    parts.indexer.offer(tenant, texts);
    release(
      tenant,
      items.filter(({ id }) => !unread.has(id)),
      outcomes,
    );
    parts.indexer.wake(tenant);
  }

  function setAside(tenant: TenantId, id: SpoolId, failure: FailureFacts): void {
    const facts = { tenant, spool: id, code: failure.code, message: failure.message };
    if (failure.retry === "never") {
      stuck.set(id, failure);
      parts.log("archive.item_stuck", facts);
      return;
    }
    const failures = (aside.get(id)?.failures ?? 0) + 1;
    aside.set(id, { untilMs: parts.clock.elapsedMs() + backoffMs(failures), failures });
    parts.log("archive.item_aside", facts);
  }

  /**
   * Brings a batch that failed to a known end: a pack that is durable is entered; one whose writing failed is removed. Two
   * packs of the same receipts would leave a catalogue that its packs do not describe.
   */
  async function settleOpen(): Promise<void> {
    if (open === undefined) return;
    if (open.written !== undefined) await commit(open, open.written);
    else await parts.blobs.delete(packBlobName(open));
    open = undefined;
  }

  /**
   * A fault of our own code, not of the disk: half as many items are tried at once until the one that causes it is alone,
   * which then lets the others go first.
   */
  function noteFault(items: readonly SpooledItem[], failure: FailureFacts): void {
    faults.note(items.map(({ id }) => id));
    const [only] = items;
    if (items.length === 1 && only !== undefined)
      setAside(only.arrival.destination.tenant, only.id, { ...failure, retry: "later" });
  }

  /**
   * What an INTERNAL failure says of the items. A pack that the catalogue failed on is entered again first: it may stand there
   * already, and only one that surely does not is given up, to be removed and its items tried by halves.
   *
   * @returns whether something was learned, so that the next attempt is another one
   */
  async function learn(items: readonly SpooledItem[], failure: FailureFacts, isSettling: boolean): Promise<boolean> {
    if (open?.written !== undefined) {
      open.refusals += 1;
      if (open.refusals < refusalsMax || (await mayBeEntered(open))) return false;
      open.written = undefined;
    } else if (isSettling) return false;
    noteFault(items, failure);
    return true;
  }

  async function mayBeEntered({ tenant, items }: OpenBatch): Promise<boolean> {
    const receipts = items.map(({ arrival }) => arrival.receipt);
    try {
      return (await parts.catalogue.knownReceipts(tenant, { receipts, sourceKeys: [] })).receipts.length > 0;
    } catch {
      return true;
    }
  }

  /** Waits for mail, or until an item that was set aside is due. */
  async function rest(): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([stopping.signal, over.signal]);
    const dueMs = Math.min(...[...aside.values()].map(({ untilMs }) => untilMs)) - parts.clock.elapsedMs();
    const waits = [parts.spool.arrival(signal)];
    if (Number.isFinite(dueMs)) waits.push(parts.clock.sleep(Math.max(1, dueMs), signal));
    await Promise.race(waits);
    over.abort();
  }

  /** Whether as much is waiting as a batch may hold. */
  function isPlenty(): boolean {
    let items = 0;
    let bytes = 0;
    for (const item of parts.spool.waiting()) {
      items += 1;
      bytes += item.bytes;
      if (items >= batchItemsMax || bytes >= batchBytesMax) return true;
    }
    return false;
  }

  /** Lets mail gather after a batch that began at `begunMs`, unless somebody waits for the archive. */
  async function gather(begunMs: number): Promise<void> {
    const left = begunMs + gatherMs - parts.clock.elapsedMs();
    if (left <= 0 || drainWaiters.length > 0 || isPlenty()) return;
    gathering = new AbortController();
    await parts.clock.sleep(left, AbortSignal.any([stopping.signal, gathering.signal]));
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const items = open?.items ?? pick();
      const tenant = items[0]?.arrival.destination.tenant;
      if (tenant === undefined) {
        await rest();
        continue;
      }
      const begunMs = parts.clock.elapsedMs();
      const isSettling = open !== undefined;
      try {
        const attempt = open === undefined ? archive(tenant, [...items]) : settleOpen();
        atHand = attempt.catch(() => undefined);
        await attempt;
        failures = 0;
        await gather(begunMs);
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
        else if (failure.code !== "INTERNAL" || !(await learn(items, failure, isSettling)))
          await parts.clock.sleep(backoffMs(failures), stopping.signal);
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
      return new Promise((resolve) => {
        drainWaiters.push({ until, resolve });
        gathering.abort();
      });
    },
    settled: async () => {
      await atHand;
      return open?.pack ?? null;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
