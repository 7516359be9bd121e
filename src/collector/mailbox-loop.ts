import type { HistoryEntry } from "#catalogue/index.ts";
import type { Instant } from "#core/index.ts";
import type { CollectorTools, MailboxConnector } from "./collector.ts";
import { drainRun } from "./drain-run.ts";
import { mailboxKey } from "./mailbox-server.ts";
import { afterRun, freshState, type MailboxState } from "./mailbox-state.ts";
import { firstPauseMs, nextPauseMs } from "./next-run.ts";
import { isIdle, type RunFacts, together } from "./run-facts.ts";
import type { Turns } from "./turns.ts";

/** Runs kept of each connector; runs without anything to do share a line, so these are days and not minutes. */
const runsKeptMax = 200;

/** The schedule of one connector's mailbox, from its first run to its last. */
export class MailboxLoop {
  readonly #parts: CollectorTools;
  readonly #turns: Turns;
  readonly #stopping = new AbortController();
  readonly #cut: AbortSignal;
  #connector: MailboxConnector;
  #state: MailboxState;
  #last: { seq: number; run: RunFacts } | null = null;
  #wake = new AbortController();
  #dueMs = 0;
  /** The run that was asked for last and is not over. */
  #current: Promise<RunFacts | null> | null = null;
  #life: Promise<void> | null = null;
  #isAlive = false;

  /** @param cut ends sessions at once, without QUIT */
  constructor(parts: CollectorTools, turns: Turns, connector: MailboxConnector, cut: AbortSignal) {
    this.#parts = parts;
    this.#turns = turns;
    this.#connector = connector;
    this.#cut = cut;
    this.#state = freshState(parts.clock.now());
  }

  get state(): MailboxState {
    return this.#state;
  }

  get connector(): MailboxConnector {
    return this.#connector;
  }

  /** Reads what earlier runs told. To be called once, before anything else. */
  async recall(): Promise<void> {
    const entries = await this.#parts.catalogue.history(this.#connector.id, "run", runsKeptMax);
    const newest = entries[0];
    if (newest === undefined) return;
    for (const { facts } of entries.toReversed()) this.#state = afterRun(this.#state, JSON.parse(facts) as RunFacts);
    this.#last = { seq: newest.seq, run: JSON.parse(newest.facts) as RunFacts };
  }

  /** Begins the schedule when the connector is enabled. */
  begin(): void {
    if (!this.#connector.enabled || this.#life !== null || this.#stopping.signal.aborted) return;
    this.#setDue(this.#last === null ? firstPauseMs : 0);
    this.#isAlive = true;
    this.#life = this.#live().then(
      () => {
        this.#life = null;
        // It may have been switched on again since it looked.
        this.begin();
      },
      (error: unknown) => {
        this.#isAlive = false;
        const { tenant, id } = this.#connector;
        this.#parts.log("collector.loop_died", { tenant, connector: id, message: String(error) });
      },
    );
  }

  /** Takes other settings; those of a run under way stay what they were, and it is ended in order. */
  change(connector: MailboxConnector): void {
    const before = this.#connector;
    this.#connector = connector;
    if (before.version === connector.version) return;
    // The worst of what was found before may be mended now.
    if (JSON.stringify(before.pop3) !== JSON.stringify(connector.pop3) || before.enabled !== connector.enabled) {
      this.#turns.ask(mailboxKey(before.pop3));
      this.#setDue(0);
    }
    if (connector.enabled) this.begin();
    else this.#set({ nextRunAt: null });
    this.#wake.abort();
  }

  /** Says that the worker of this mailbox lives, if it does. */
  beat(): void {
    if (this.#isAlive || !this.#connector.enabled) this.#state = { ...this.#state, beatAt: this.#parts.clock.now() };
  }

  /**
   * One drain, when it is this mailbox's turn, told together with the one that was under way: whoever asks wants to know what
   * became of the mail that was there. One that is called off for a test is made again.
   */
  async drain(): Promise<RunFacts> {
    const before = await this.#current;
    let sum = before;
    for (;;) {
      const run = await this.#drainOnce();
      sum = sum === null ? run : together(sum, run);
      if (run.problem?.class !== "called-off" || this.#stopping.signal.aborted) return sum;
    }
  }

  #drainOnce(): Promise<RunFacts> {
    const run = this.#drained();
    const current = run.catch(() => null);
    this.#current = current;
    const forget = () => {
      if (this.#current === current) this.#current = null;
    };
    current.then(forget, forget);
    return run;
  }

  async #drained(): Promise<RunFacts> {
    return this.#turns.take(mailboxKey(this.#connector.pop3), async (asked) => {
      this.#set({ activity: "draining", nextRunAt: null });
      try {
        const ends = AbortSignal.any([asked, this.#stopping.signal]);
        const run = await drainRun(this.#parts, this.#connector, { asked: ends, cut: this.#cut });
        this.#state = afterRun(this.#state, run);
        await this.#keep(run);
        this.#plan(run);
        return run;
      } finally {
        this.#set({ activity: "idle" });
      }
    });
  }

  /** Does something else with the mailbox, ahead of its schedule; a drain under way makes room and goes on afterwards. */
  async instead<T>(work: (connector: MailboxConnector) => Promise<T>): Promise<T> {
    const key = mailboxKey(this.#connector.pop3);
    const turn = this.#turns.take(key, async () => {
      this.#set({ activity: "testing" });
      try {
        return await work(this.#connector);
      } finally {
        this.#set({ activity: "idle" });
      }
    });
    this.#turns.ask(key);
    return turn;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#life;
  }

  async #live(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#stopping.signal.aborted && this.#connector.enabled) {
      const waitMs = this.#dueMs - clock.elapsedMs();
      if (waitMs > 0) {
        this.#wake = new AbortController();
        await clock.sleep(waitMs, AbortSignal.any([this.#wake.signal, this.#stopping.signal]));
        continue;
      }
      await this.#drainOnce();
    }
  }

  #plan(run: RunFacts): void {
    const chance = this.#parts.entropy.bytes(1)[0]! / 255;
    this.#setDue(nextPauseMs(run, this.#state, this.#connector.pop3.intervalSeconds, chance));
  }

  #setDue(ms: number): void {
    const { clock } = this.#parts;
    this.#dueMs = clock.elapsedMs() + ms;
    this.#state = { ...this.#state, nextRunAt: this.#connector.enabled ? ((clock.now() + ms) as Instant) : null };
    this.#wake.abort();
  }

  #set(change: Partial<MailboxState>): void {
    this.#state = { ...this.#state, ...change };
    this.#parts.changed();
  }

  /** Writes the run down. Runs without anything to do take the place of the one before. */
  async #keep(run: RunFacts): Promise<void> {
    const { catalogue, log } = this.#parts;
    const { id, tenant } = this.#connector;
    const isSame = this.#last !== null && isIdle(this.#last.run) && isIdle(run);
    const seq = (this.#last?.seq ?? 0) + (isSame ? 0 : 1);
    const kept = isSame ? { ...run, begunAt: this.#last!.run.begunAt, runs: this.#last!.run.runs + 1 } : run;
    this.#last = { seq, run: kept };
    const entry: HistoryEntry = { connector: id, kind: "run", seq, at: run.endedAt, facts: JSON.stringify(kept) };
    try {
      await catalogue.putHistory(entry, runsKeptMax);
    } catch (error) {
      // It is told and not kept: a history with a gap is better than a mailbox that is not emptied.
      log("collector.history_failed", { tenant, connector: id, message: String(error) });
    }
  }
}
