import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, CatalogueMerge, PackEntry, SupersededPack } from "#catalogue/index.ts";
import {
  type Clock,
  type Entropy,
  failureFacts,
  isFailure,
  type Log,
  type PackId,
  type TenantId,
} from "#core/index.ts";
import { packBlobName } from "#pack/index.ts";
import { createGate } from "./gate.ts";
import type { MergeRequest } from "./merge-packs.ts";
import { findRun, type MergeBounds } from "./merge-plan.ts";

/** Packs asked of the catalogue at once. */
const packsAtOnce = 500;

/** What compaction works with. */
export interface CompactionParts {
  blobs: Pick<BlobStore, "delete">;
  catalogue: Pick<ArchiveCatalogue, "merge" | "superseded" | "forgetSuperseded" | "packsAfter" | "messageCounts">;
  clock: Clock;
  entropy: Entropy;
  log: Log;
  bounds: MergeBounds;
  /** Runs {@link mergePacks} where the CPU work belongs. */
  write(request: MergeRequest): Promise<CatalogueMerge>;
  /** Runs {@link provePack} there. */
  prove(tenant: TenantId, pack: PackId): Promise<unknown>;
  /** Ends what `write` and `prove` are at, which fail then, and lets go of what they need. May be repeated. */
  halt(): Promise<void>;
  /** Told of packs in whose place another one stands. */
  superseded(tenant: TenantId, packs: readonly PackId[]): void;
}

/** Merges small packs into larger ones in the background and removes those that were merged. */
export interface Compaction {
  /** A pack of this tenant was entered. */
  noteCommitted(tenant: TenantId): void;
  /**
   * Keeps every pack that the catalogue knows where it is until the returned function is called: for who reads through all of
   * them. Resolves once nothing is on its way.
   */
  hold(): Promise<() => void>;
  /**
   * Keeps packs from being written, merged or proved until the returned function is called, for work that takes the memory of
   * both. Resolves once the merge at hand is, some seconds later at the most.
   */
  pause(): Promise<() => void>;
  /** The merged pack that may lie in the store and is not in the catalogue. */
  atHand(): PackId | null;
  /** Nothing is being merged, nothing can be, and nothing that was is due to be removed. */
  isAtRest(): boolean;
  /** Begins looking; called once. */
  start(): void;
  /** Ends what is at hand: a merge that was not entered is finished or undone at the next start. */
  stop(): Promise<void>;
}

/** A merge whose outcome is not known yet: no other is begun before it is settled. */
interface OpenMerge extends MergeRequest {
  /** Undefined while the pack's writing and proof have not succeeded. */
  merge: CatalogueMerge | undefined;
}

/** A compaction over the packs of these tenants. */
export function createCompaction(parts: CompactionParts, tenants: readonly TenantId[]): Compaction {
  const { blobs, catalogue, clock, log, bounds } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  /** Tenants to look at: they have packs that were not looked at. */
  const fresh = new Set(tenants);
  /** Packs that could not be merged; they are tried again after a restart. */
  const left = new Set<PackId>();
  /** Messages and reports in packs that may be merged: what a pack holds does not change, so each is counted once. */
  const counts = new Map<PackId, number>();
  /** Merged packs that could not be proved, so that nothing they hold is removed elsewhere. */
  const unproved = new Set<PackId>();
  let open: OpenMerge | undefined;
  let isWorking = false;
  /** Whether superseded packs are to be looked at with the next look, or stay until their time is up. */
  let sweeping: "due" | "later" | "none" = "due";
  /** Before what moves packs, and before what reads and writes them. */
  const moving = createGate(signal);
  const working = createGate(signal);
  let running: Promise<void> = Promise.resolve();

  async function packsOf(tenant: TenantId): Promise<PackEntry[]> {
    const packs: PackEntry[] = [];
    for (;;) {
      const page = await catalogue.packsAfter(tenant, packs.at(-1)?.pack ?? null, packsAtOnce);
      packs.push(...page);
      if (page.length < packsAtOnce) return packs;
    }
  }

  async function count(tenant: TenantId, packs: readonly PackEntry[]): Promise<void> {
    const uncounted = packs.filter(({ pack, bytes }) => bytes < bounds.packBytesMax / 2 && !counts.has(pack));
    for (let at = 0; at < uncounted.length; at += packsAtOnce) {
      const some = uncounted.slice(at, at + packsAtOnce).map(({ pack }) => pack);
      for (const [index, messages] of (await catalogue.messageCounts(tenant, some)).entries())
        counts.set(some[index]!, messages);
    }
  }

  async function mergeNext(tenant: TenantId): Promise<boolean> {
    const packs = await packsOf(tenant);
    await count(tenant, packs);
    const messagesIn = (pack: PackId) => counts.get(pack) ?? 0;
    const run = findRun(packs, bounds, (pack) => left.has(pack), messagesIn, parts.entropy);
    if (run === undefined || signal.aborted) return false;
    open = { tenant, ...run, merge: undefined };
    try {
      const request = open;
      open.merge = await working.pass(() => parts.write(request));
      if (open.merge === undefined) return false;
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never" || signal.aborted) throw error;
      // One of them is damaged, or a part that it needs elsewhere is: they stay as they are.
      log("compaction.packs_left", { tenant, packs: run.sources.length, code: error.code, message: error.message });
      for (const { pack } of run.sources) left.add(pack);
    }
    await settleOpen();
    return true;
  }

  /** Brings a merge to a known end: a pack that is durable and proved is entered, any other is removed. */
  async function settleOpen(): Promise<void> {
    if (open === undefined) return;
    const { tenant, pack, sources, merge } = open;
    if (merge === undefined) await blobs.delete(packBlobName({ tenant, pack }));
    else {
      if ((await moving.pass(() => catalogue.merge(tenant, merge))) === undefined) return;
      log("compaction.merged", { tenant, pack, packs: sources.length, bytes: merge.pack.bytes });
      parts.superseded(
        tenant,
        sources.map((source) => source.pack),
      );
      for (const source of sources) counts.delete(source.pack);
      sweeping = "due";
    }
    open = undefined;
  }

  /** Removes superseded packs whose time is up, in the order that lets a rebuild commit what is left as it was committed. */
  async function sweep(tenant: TenantId): Promise<void> {
    const packs = await catalogue.superseded(tenant);
    const by = new Map(packs.map((one) => [one.pack, one.by]));
    const proved = new Set<PackId>();
    for (const one of packs) {
      if (signal.aborted || moving.isHeld) {
        sweeping = "due";
        return;
      }
      if (one.since + bounds.graceMs > clock.now()) {
        if (sweeping === "none") sweeping = "later";
        return;
      }
      const holder = holderOf(one, by);
      if (!proved.has(holder) && !(await isProved(tenant, holder))) return;
      proved.add(holder);
      await moving.pass(async () => {
        await blobs.delete(packBlobName({ tenant, pack: one.pack }));
        await catalogue.forgetSuperseded(tenant, one.pack);
      });
    }
  }

  /** Reads the pack that is left once more: rot since it was written would else be rot of the only copy. */
  async function isProved(tenant: TenantId, pack: PackId): Promise<boolean> {
    if (unproved.has(pack) || signal.aborted) return false;
    try {
      const proving = async () => {
        await parts.prove(tenant, pack);
        return true;
      };
      return (await working.pass(proving)) ?? false;
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
      log("compaction.unproved", { tenant, pack, code: error.code, message: error.message });
      unproved.add(pack);
      return false;
    }
  }

  async function look(): Promise<void> {
    await settleOpen();
    if (sweeping !== "none") {
      sweeping = "none";
      for (const tenant of tenants) await sweep(tenant);
    }
    for (const tenant of [...fresh]) {
      fresh.delete(tenant);
      try {
        while (!signal.aborted && (await mergeNext(tenant)));
      } catch (error) {
        fresh.add(tenant);
        throw error;
      }
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      isWorking = true;
      try {
        await look();
      } catch (error) {
        const { code, message } = failureFacts(error);
        if (!signal.aborted) log("compaction.failed", { code, message });
        sweeping = "due";
      }
      isWorking = false;
      await parts.halt();
      await clock.sleep(bounds.lookMs, signal);
    }
  }

  return {
    noteCommitted: (tenant) => fresh.add(tenant),
    hold: () => moving.hold(),
    pause: () => working.hold(),
    atHand: () => open?.pack ?? null,
    isAtRest: () => !isWorking && open === undefined && fresh.size === 0 && sweeping !== "due",
    start: () => {
      running = run();
    },
    stop: async () => {
      stopping.abort();
      await parts.halt();
      await running;
    },
  };
}

/** The pack that holds what a superseded one held: the one in its place, or in that one's. */
function holderOf(pack: SupersededPack, by: ReadonlyMap<PackId, PackId>): PackId {
  let holder = pack.by;
  for (let next = by.get(holder); next !== undefined; next = by.get(holder)) holder = next;
  return holder;
}
