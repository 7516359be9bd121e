import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, OwnDomainsCatalogue, ReceiptOutcome } from "#catalogue/index.ts";
import {
  type Clock,
  type ConnectorId,
  type Entropy,
  isFailure,
  type Log,
  type PackId,
  type TenantId,
} from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { readMessage } from "#mail/index.ts";
import type { OpenPackKey } from "#pack/index.ts";
import { parseQuery } from "#query/index.ts";
import type { SearchIndex } from "#search/index.ts";
import { mayHaveSmime } from "#smime/index.ts";
import type { Spool, SpoolDamage } from "#spool/index.ts";
import { needsRoom } from "#thread/index.ts";
import { type Adopted, adoptPacks } from "./adopt.ts";
import type { ArchivedReader } from "./archived-reader.ts";
import { createClockWatch } from "./clock-watch.ts";
import { type Compaction, type CompactionParts, createCompaction } from "./compaction.ts";
import { createDecisions, type DecisionParts } from "./decisions.ts";
import { createImports } from "./imports.ts";
import { createIndexer } from "./indexer.ts";
import { type ArchiveLoop, type LoopParts, startArchiveLoop } from "./loop.ts";
import { createOwnDomains } from "./own-domains.ts";
import { createRetrieval } from "./retrieve.ts";
import { createScrub } from "./scrub.ts";
import { createChangeSignal } from "./signal.ts";
import { createOpening } from "./smime-opening.ts";
import type { ArchiveStatus, ArchiveUseCases, MessageView, SearchPage } from "./use-cases.ts";
import { verifyArchive } from "./verify.ts";
import type { BatchRequest, WrittenBatch } from "./write-batch.ts";

/** What the archive is built on: seams, and the two things that a thread or a key ring does for it. */
export interface ArchiveParts {
  spool: Spool;
  blobs: BlobStore;
  catalogue: ArchiveCatalogue & OwnDomainsCatalogue;
  search: SearchIndex;
  clock: Clock;
  entropy: Entropy;
  log: Log;
  openKey: OpenPackKey;
  writeBatch: LoopParts["writeBatch"];
  /** Reads archived mail again; in a thread of its own where there is one. */
  reader: ArchivedReader;
  /** How a connector reads mail now, for items that go their way again; undefined when it is gone. */
  typeOf: DecisionParts["typeOf"];
  /** Where the scrub keeps its place and what it found; `isRunning` when it is to read and not only to remember. */
  scrub: { disk: Disk; file: string; isRunning: boolean };
  /** How packs are merged; `isRunning` when they are to be. */
  merging: Pick<CompactionParts, "write" | "prove" | "halt" | "bounds"> & { isRunning: boolean };
}

/** The archive at work. */
export interface Archive extends ArchiveUseCases {
  loop: ArchiveLoop;
  /** Items accepted before this start and not archived then. */
  resumed: number;
  /** What was synced on the spool and cannot be read. */
  damagedOnSpool: readonly SpoolDamage[];
  /** Packs the catalogue did not know at start, per tenant. */
  adopted: ReadonlyMap<TenantId, Adopted>;
  compaction: Compaction;
  /** Raises {@link ArchiveUseCases.changed} for what was changed elsewhere. */
  noteChange(): void;
  stop(): Promise<void>;
}

/** Recipients without a key that are listed, those with most mail first. */
const waitingRecipientsMax = 1_000;
/** Receipts looked up at once. */
const knownAtOnceMax = 1_000;

/**
 * Lets go of recovered items whose receipts are in the catalogue: a release is not written down, so the spool brings them
 * back. Returns how many are left to archive.
 */
async function releaseKnown(spool: Spool, catalogue: ArchiveCatalogue): Promise<number> {
  const items = [...spool.waiting()];
  const byTenant = Map.groupBy(items, ({ arrival }) => arrival.destination.tenant);
  let left = items.length;
  for (const [tenant, own] of byTenant)
    for (let start = 0; start < own.length; start += knownAtOnceMax) {
      const asked = own.slice(start, start + knownAtOnceMax);
      const receipts = asked.map(({ arrival }) => arrival.receipt);
      const known = new Set((await catalogue.knownReceipts(tenant, { receipts, sourceKeys: [] })).receipts);
      for (const { id, arrival } of asked) if (known.has(arrival.receipt)) spool.release(id);
      left -= known.size;
    }
  return left;
}

/**
 * Lets go of what looks damaged and was archived before: a long item's first segment may be in use again while its last one
 * is not. Returns what is left, which is damage.
 */
async function releaseArchived(
  spool: Spool,
  catalogue: ArchiveCatalogue,
  tenants: readonly TenantId[],
): Promise<SpoolDamage[]> {
  const left: SpoolDamage[] = [];
  for (const damage of spool.recovery.damaged) {
    if (damage.kind === "item" && tenants.includes(damage.tenant)) {
      const { receipts } = await catalogue.knownReceipts(damage.tenant, { receipts: [damage.receipt], sourceKeys: [] });
      if (receipts.length > 0) {
        spool.release(damage.id);
        continue;
      }
    }
    left.push(damage);
  }
  return left;
}

const ageSeconds = (now: number, at: number): number => Math.max(0, Math.floor((now - at) / 1000));

/**
 * Brings catalogue and packs together, starts the loops, and answers what is asked of the archive.
 *
 * Resolves once packs left by a crash are in the catalogue, which is before any spooled item is taken up.
 */
export async function startArchive(parts: ArchiveParts, tenants: readonly TenantId[]): Promise<Archive> {
  const { spool, blobs, catalogue, search, clock, entropy, log, openKey, reader } = parts;
  const adopted = new Map<TenantId, Adopted>();
  const newestPacks = new Map<TenantId, PackId>();
  for (const tenant of tenants) {
    const found = await adoptPacks({ ...parts, prove: parts.merging.prove }, tenant, () => undefined);
    adopted.set(tenant, found);
    if (found.newest !== null) newestPacks.set(tenant, found.newest);
  }

  const resumed = await releaseKnown(spool, catalogue);
  if (resumed > 0) log("archive.resumed", { items: resumed });
  const damagedOnSpool = await releaseArchived(spool, catalogue, tenants);
  if (damagedOnSpool.length > 0) log("spool.damaged", { damaged: damagedOnSpool });

  const signal = createChangeSignal();
  const retrieval = createRetrieval({ blobs, catalogue, openKey });
  const ownDomains = createOwnDomains({ catalogue, indexer: () => indexer, log });
  const indexer = createIndexer({
    ...{ catalogue, search, reader, clock, log },
    ownDomains: (tenant) => ownDomains.of(tenant),
    advanced: () => signal.raise(),
  });
  const stopping = new AbortController();
  const opening = createOpening({ catalogue, indexer, advanced: () => signal.raise(), stopping: stopping.signal });
  const imports = createImports({ spool, catalogue, clock, entropy });
  const decisions = createDecisions({ spool, catalogue, retrieval, clock, entropy, log, typeOf: parts.typeOf });
  const settled = (tenant: TenantId, outcomes: readonly ReceiptOutcome[]) => {
    imports.settled(outcomes);
    decisions.settled(outcomes);
    compaction.noteCommitted(tenant);
    signal.raise();
  };
  const compaction = createCompaction(
    {
      ...{ blobs, catalogue, clock, entropy, log, ...parts.merging },
      // They were read whole before they were merged: what was known to be damaged in them is mended.
      superseded: (tenant, packs) => {
        for (const pack of packs) scrub.note(tenant, pack, []);
      },
    },
    tenants,
  );
  /** A large message and a merge take turns: the memory of both at once is more than a small machine has. */
  const writeBatch = async (request: BatchRequest): Promise<WrittenBatch> => {
    if (!request.items.some(({ bytes }) => needsRoom(bytes))) return parts.writeBatch(request);
    const resume = await compaction.pause();
    try {
      return await parts.writeBatch(request);
    } finally {
      resume();
    }
  };
  const clockWatch = createClockWatch(clock);
  const loop = startArchiveLoop({
    spool,
    blobs,
    catalogue,
    indexer,
    clock,
    clockWatch,
    entropy,
    log,
    newestPacks,
    writeBatch,
    settled,
  });
  for (const tenant of tenants) {
    indexer.wake(tenant);
    ownDomains
      .resume(tenant)
      .catch((error: unknown) => log("archive.judging_failed", { tenant, error: String(error) }));
  }

  const scrub = await createScrub(
    {
      ...{ blobs, catalogue, openKey, clock, log, disk: parts.scrub.disk, file: parts.scrub.file },
      isBusy: () => spool.depths().some(({ items }) => items > 0),
      changed: () => signal.raise(),
    },
    tenants,
  );
  if (parts.scrub.isRunning) scrub.start();
  if (parts.merging.isRunning) compaction.start();

  /** Waiting items and the age of the oldest, of one connector. */
  function waitingOf(tenant: TenantId, connector: ConnectorId) {
    const depth = spool.depths().find((one) => one.tenant === tenant && one.connector === connector);
    if (depth === undefined) return { processing: 0, oldestAgeSeconds: 0, lastReceivedAt: null };
    return {
      processing: depth.items,
      oldestAgeSeconds: ageSeconds(clock.now(), depth.oldestAt),
      lastReceivedAt: depth.oldestAt,
    };
  }

  async function status(tenant: TenantId): Promise<ArchiveStatus> {
    // Waiting is counted first: an item that is archived meanwhile is then counted twice rather than never; it settles
    // with the next look.
    const depths = spool.depths().filter((depth) => depth.tenant === tenant);
    const { messages, connectors } = await catalogue.tallies(tenant);
    // In this order: an index that is ahead is one of another past, which covers nothing.
    const indexed = await search.indexedTo(tenant);
    const lastChange = await catalogue.lastChange(tenant);
    const now = clock.now();
    const ids = new Set([...connectors.map(({ connector }) => connector), ...depths.map(({ connector }) => connector)]);
    const rows = [...ids].map((connector) => {
      const tally = connectors.find((one) => one.connector === connector);
      const depth = depths.find((one) => one.connector === connector);
      return {
        connector,
        archived: tally?.archived ?? 0,
        duplicate: tally?.duplicate ?? 0,
        quarantined: tally?.quarantined ?? 0,
        held: tally?.held ?? 0,
        lastReceivedAt: tally?.lastReceivedAt ?? null,
        looped: tally?.looped ?? 0,
        lastLoopedAt: tally?.lastLoopedAt ?? null,
        processing: depth?.items ?? 0,
        oldestAgeSeconds: depth === undefined ? 0 : ageSeconds(now, depth.oldestAt),
      };
    });
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
    const counts = {
      archived: sum((row) => row.archived),
      duplicate: sum((row) => row.duplicate),
      quarantined: sum((row) => row.quarantined),
      held: sum((row) => row.held),
      processing: sum((row) => row.processing),
    };
    const received = counts.archived + counts.duplicate + counts.quarantined + counts.held + counts.processing;
    return {
      ...{ received, ...counts, messages, searchable: await search.size(tenant), connectors: rows },
      index: { coveredTo: indexed > lastChange ? 0 : indexed, lastChange },
      ...{ damage: scrub.damage(tenant), scrubbedAt: scrub.completedAt(), asOf: now },
      opening: opening.progress(tenant),
    };
  }

  async function find(
    tenant: TenantId,
    text: string,
    page: Parameters<ArchiveUseCases["search"]>[2],
  ): ReturnType<ArchiveUseCases["search"]> {
    const parsed = parseQuery(text, { now: clock.now(), zone: page.zone });
    if (parsed.kind === "problem") return parsed;
    const hits = await search.search(tenant, parsed.query, { limit: page.limit, after: page.after });
    const [items, searchable, { messages }] = await Promise.all([
      catalogue.messages(tenant, hits.messages),
      search.size(tenant),
      catalogue.tallies(tenant),
    ]);
    const coverage = { searchable, archived: messages, asOf: clock.now() };
    return {
      kind: "page",
      total: hits.total,
      items,
      next: hits.next,
      readAs: parsed.readAs,
      coverage,
    } satisfies SearchPage;
  }

  async function view(tenant: TenantId, id: Parameters<ArchiveUseCases["view"]>[1]): Promise<MessageView | undefined> {
    const [row] = await catalogue.messages(tenant, [id]);
    if (row === undefined) return undefined;
    try {
      const [before] = mayHaveSmime(row.parts) ? await catalogue.smime(tenant, [id]) : [];
      return { row, ...(await reader.open(tenant, row, before ?? null)), verified: true };
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
      log("archive.view_damaged", { tenant, message: id, code: error.code });
      return { row, reading: readMessage(new Uint8Array()), smime: null, entities: [], tnef: [], verified: false };
    }
  }

  return {
    loop,
    compaction,
    resumed,
    damagedOnSpool,
    adopted,
    noteChange: () => signal.raise(),
    search: find,
    message: async (tenant, id) => (await catalogue.messages(tenant, [id]))[0],
    original: async (tenant, row) => retrieval.message(tenant, row),
    report: async (tenant, { report }) => (report === null ? undefined : retrieval.report(tenant, report)),
    view,
    describe: async (tenant, id) => {
      const [row] = await catalogue.messages(tenant, [id]);
      if (row === undefined) return undefined;
      const [before] = mayHaveSmime(row.parts) ? await catalogue.smime(tenant, [id]) : [];
      return { row, description: await reader.describe(tenant, row, before ?? null) };
    },
    entity: (tenant, row, path) => reader.entity(tenant, row, path),
    part: (tenant, row, path) => reader.part(tenant, row, path),
    opened: async (tenant, row) => {
      if (!mayHaveSmime(row.parts)) return null;
      const [before] = await catalogue.smime(tenant, [row.id]);
      return reader.open(tenant, row, before ?? null);
    },
    smimeTotals: (tenant) => catalogue.smimeTotals(tenant, waitingRecipientsMax),
    openWaiting: async (tenant, keys, report) => ({
      messages: await opening.open(tenant, keys, report),
    }),
    status,
    verify: async (tenant, scope, report) => {
      const unsettled = { settled: () => loop.settled(), merging: () => compaction.atHand() };
      const verification = { blobs, catalogue, retrieval, openKey, entropy, ...unsettled, examined: scrub.note };
      const release = await compaction.hold();
      try {
        return await verifyArchive(verification, tenant, scope, report);
      } finally {
        release();
      }
    },
    rebuildSearch: async (tenant, report) => ({
      messages: await indexer.rebuild(tenant, (done, total) => report({ done, total, unit: "changes" })),
    }),
    ownDomains: (tenant) => ownDomains.of(tenant),
    setOwnDomains: (tenant, domains, report) => ownDomains.set(tenant, domains, report),
    undecided: decisions.undecided,
    decide: decisions.decide,
    ...imports,
    changed: (abort) => signal.wait(abort),
    flow: waitingOf,
    clockDoubt: (newest) => clockWatch.doubt(newest),
    stop: async () => {
      stopping.abort();
      ownDomains.stop();
      await compaction.stop();
      await scrub.stop();
      await loop.stop();
      await indexer.stop();
    },
  };
}
