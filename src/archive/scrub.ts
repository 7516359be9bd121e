import type { ArchiveCatalogue, PackEntry } from "#catalogue/index.ts";
import type { Clock, Instant, Log, PackId, TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { type ExamineParts, examinePack } from "./examine-pack.ts";
import { readScrubState, type ScrubState, writeScrubState } from "./scrub-state.ts";
import type { Damage } from "./use-cases.ts";

const hourMs = 3_600_000;
/**
 * Time in which every pack is read once. A pack may be read early in one cycle and late in the next, or be made just after
 * its place was passed, so two cycles with their lateness must fit the promised 30 days.
 */
const cycleMs = 14 * 24 * hourMs;
/** How late the scrub may run because it gave way to mail; beyond it, it reads in spite of mail. */
const latenessMsMax = 12 * hourMs;
/** Largest share of time spent reading: it is felt on no disk. */
const readingShareMax = 0.05;
/** Rest between two looks whether mail still waits. */
const yieldMs = 1_000;
/** Longest rest before it is counted again how much there is to read: new packs bring the next one nearer. */
const recountMs = hourMs;
/** Time after which the place is written down: a restart reads that much again. */
const saveMs = 60_000;
/** Rest after the catalogue or the state's disk failed. */
const retryMs = 60_000;
/** Packs asked of the catalogue at once. */
const packsAtOnce = 100;
/** Damage kept: beyond these entries a pack is kept without its messages, beyond these packs it is only logged. */
const damageEntriesMax = 1_000;
const damagedPacksMax = 5_000;

/** What the scrub works with. */
export interface ScrubParts extends ExamineParts {
  catalogue: ExamineParts["catalogue"] & Pick<ArchiveCatalogue, "packsAfter" | "packTotals">;
  clock: Clock;
  log: Log;
  disk: Disk;
  /** Absolute path of the file that keeps the place and the damage, see docs/formats/scrub.md. */
  file: string;
  /** Whether mail waits, which goes before. */
  isBusy(): boolean;
  /** Told when the known damage has changed. */
  changed(): void;
}

/** The reader of everything, and the memory of what is damaged. */
export interface Scrub {
  /** Damage that was found and not found mended since. */
  damage(tenant: TenantId): Damage[];
  /** When all packs had been read, last; null before the first time. */
  completedAt(): Instant | null;
  /** Takes note of what another reading of a whole pack found; empty when it is whole. */
  note(tenant: TenantId, pack: PackId, damage: readonly Damage[]): void;
  /** Begins reading; it goes on where it was when it was stopped. Called once. */
  start(): void;
  /** Finishes the pack at hand and writes down the place. */
  stop(): Promise<void>;
}

/**
 * A scrub over the packs of these tenants; it knows at once what damage was known when it was last stopped.
 *
 * Every byte of every pack is read within 30 days while it runs, some packs more often: each pack is due when its share
 * of the cycle has passed. Reading takes 5% of the time at most and gives way to mail for up to half a day.
 */
export async function createScrub(parts: ScrubParts, tenants: readonly TenantId[]): Promise<Scrub> {
  const { catalogue, clock, log, disk, file } = parts;
  const ordered = [...tenants].sort();
  const stopping = new AbortController();
  const { signal } = stopping;
  let state: ScrubState = (await readScrubState(disk, file)) ?? emptyState(clock.now());
  let isSaved = true;
  let savedAtMs = clock.elapsedMs();
  let aheadBytes = 0;
  let queue: { tenant: TenantId; entry: PackEntry }[] = [];
  let running: Promise<void> = Promise.resolve();

  async function save(): Promise<void> {
    if (isSaved) return;
    isSaved = true;
    savedAtMs = clock.elapsedMs();
    await writeScrubState(disk, file, state);
  }

  function change(changes: Partial<ScrubState>): void {
    state = { ...state, ...changes };
    isSaved = false;
  }

  /** Tenants that still have packs to read, with the pack after which. */
  function left(): { tenant: TenantId; after: PackId | null }[] {
    const { place } = state;
    return ordered
      .filter((tenant) => place === null || tenant >= place.tenant)
      .map((tenant) => ({ tenant, after: tenant === place?.tenant ? place.pack : null }));
  }

  async function count(): Promise<void> {
    let bytes = 0;
    for (const { tenant, after } of left()) bytes += (await catalogue.packTotals(tenant, after)).bytes;
    aheadBytes = bytes;
  }

  async function refill(): Promise<void> {
    await count();
    for (const { tenant, after } of left()) {
      const entries = await catalogue.packsAfter(tenant, after, packsAtOnce);
      queue = entries.map((entry) => ({ tenant, entry }));
      if (queue.length > 0) return;
    }
  }

  /** Rests until the next pack is due and no mail waits, or waited too long; false when stopped. */
  async function due(): Promise<boolean> {
    while (!signal.aborted) {
      const now = clock.now();
      // A clock that was set back must not put everything off until it has caught up.
      if (now < state.startedAt) change({ startedAt: now });
      const total = state.readBytes + aheadBytes;
      const dueAt = state.startedAt + (total === 0 ? 0 : (cycleMs * state.readBytes) / total);
      if (now < dueAt) {
        await rest(Math.min(dueAt - now, recountMs));
        if (!signal.aborted) await count();
      } else if (parts.isBusy() && now < dueAt + latenessMsMax) await rest(yieldMs);
      else return true;
    }
    return false;
  }

  async function rest(ms: number): Promise<void> {
    if (ms >= saveMs || clock.elapsedMs() - savedAtMs >= saveMs) await save();
    await clock.sleep(ms, signal);
  }

  /** All was read: rests until the next cycle is due, while new packs are looked for. */
  async function endCycle(): Promise<void> {
    const now = clock.now();
    if (state.completedAt === null || state.completedAt < state.startedAt) {
      change({ completedAt: now });
      log("scrub.completed", { bytes: state.readBytes, sinceMs: now - state.startedAt });
    }
    const leftMs = state.startedAt + cycleMs - now;
    if (leftMs > 0) await rest(Math.min(leftMs, recountMs));
    else change({ startedAt: now, place: null, readBytes: 0 });
  }

  /** Whether the pack is still the next one: it may have been merged into another while it waited its turn. */
  async function isCurrent(tenant: TenantId, pack: PackId): Promise<boolean> {
    const after = state.place?.tenant === tenant ? state.place.pack : null;
    const [first] = await catalogue.packsAfter(tenant, after, 1);
    return first?.pack === pack;
  }

  async function step(): Promise<void> {
    if (queue.length === 0) await refill();
    const next = queue[0];
    if (next === undefined) return endCycle();
    if (!(await due())) return;
    const { tenant, entry } = next;
    if (!(await isCurrent(tenant, entry.pack))) {
      queue = [];
      return;
    }
    const begunMs = clock.elapsedMs();
    const damage = await examinePack(parts, tenant, entry);
    const spentMs = clock.elapsedMs() - begunMs;
    note(tenant, entry.pack, damage);
    queue.shift();
    aheadBytes = Math.max(0, aheadBytes - entry.bytes);
    change({ place: { tenant, pack: entry.pack }, readBytes: state.readBytes + entry.bytes });
    await rest(spentMs * (1 / readingShareMax - 1));
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await step();
      } catch (error) {
        log("scrub.failed", { error: String(error) });
        await clock.sleep(retryMs, signal);
      }
    }
  }

  function note(tenant: TenantId, pack: PackId, damage: readonly Damage[]): void {
    const before = state.damaged.find((one) => one.pack === pack && one.tenant === tenant);
    if (before === undefined && damage.length === 0) return;
    const others = state.damaged.filter((one) => one !== before);
    if (damage.length === 0) {
      log("scrub.pack_whole_again", { tenant, pack });
      change({ damaged: others });
    } else {
      const places = [...new Set(damage.map(({ place }) => place))];
      if (before === undefined) log("scrub.pack_damaged", { tenant, pack, places, messages: damage.length });
      if (others.length >= damagedPacksMax) return;
      change({ damaged: [...others, { tenant, pack, damage: withinBounds(damage, others) }] });
    }
    parts.changed();
  }

  return {
    damage: (tenant) => state.damaged.filter((one) => one.tenant === tenant).flatMap(({ damage }) => damage),
    completedAt: () => state.completedAt,
    note,
    start: () => {
      running = run();
    },
    stop: async () => {
      stopping.abort();
      await running;
      await save().catch((error: unknown) => log("scrub.failed", { error: String(error) }));
    },
  };
}

function emptyState(now: Instant): ScrubState {
  return { startedAt: now, completedAt: null, place: null, readBytes: 0, damaged: [] };
}

/** The damage as it is kept: named by message while there is room, else the pack alone. */
function withinBounds(damage: readonly Damage[], others: ScrubState["damaged"]): Damage[] {
  const entries = others.reduce((sum, one) => sum + one.damage.length, 0);
  const [first] = damage;
  if (first === undefined || entries + damage.length <= damageEntriesMax) return [...damage];
  return [{ ...first, id: null, detail: `${damage.length} places; verify names the messages` }];
}
