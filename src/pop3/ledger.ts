import type { Clock, ConnectorId, Sha256, TenantId } from "#core/index.ts";
import type { CapturedKind, RecordTable } from "./record-table.ts";
import type { Capture, MailboxRecords, UidlMemory, UidlRecord, UidlState } from "./uidl-memory.ts";

/** What was captured of the message, in whatever state it is now; null when nothing was. */
export function captureOf(state: UidlState | undefined): Capture | null {
  return state !== undefined && "capture" in state ? state.capture : null;
}

/** The records of one mailbox at work: changes are seen at once and made durable together. */
export class Ledger {
  readonly #mailbox: MailboxRecords;
  readonly #clock: Pick<Clock, "now">;
  #changed = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;

  static async open(
    memory: UidlMemory,
    tenant: TenantId,
    connector: ConnectorId,
    clock: Pick<Clock, "now">,
  ): Promise<Ledger> {
    return new Ledger(await memory.mailbox(tenant, connector), clock);
  }

  private constructor(mailbox: MailboxRecords, clock: Pick<Clock, "now">) {
    this.#mailbox = mailbox;
    this.#clock = clock;
  }

  /** To be looked at; changed by this class alone. */
  get records(): RecordTable {
    return this.#mailbox.table;
  }

  state(key: string): UidlState | undefined {
    return this.records.get(key)?.state;
  }

  /** Records of messages with this content. */
  withContent(sha256: Sha256): UidlRecord[] {
    return this.records.withContent(sha256).flatMap((key) => this.records.get(key) ?? []);
  }

  set(key: string, state: UidlState): void {
    const now = this.#clock.now();
    this.records.put({ key, state, firstSeenAt: this.records.get(key)?.firstSeenAt ?? now, changedAt: now });
    this.#changed.add(key);
  }

  /** Takes a captured message to another state; nothing when no capture is recorded under `key`. */
  advance(key: string, kind: CapturedKind): void {
    if (this.records.advance(key, kind, this.#clock.now())) this.#changed.add(key);
  }

  forget(key: string): void {
    if (this.records.delete(key)) this.#changed.add(key);
  }

  /** Resolves once every change made before the call is durable. What fails stays to be written with the next call. */
  flush(): Promise<void> {
    this.#queued ??= this.#turn
      .catch(() => undefined)
      .then(() => {
        this.#queued = null;
        this.#turn = this.#write();
        return this.#turn;
      });
    return this.#queued;
  }

  async #write(): Promise<void> {
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Set();
    try {
      await this.#mailbox.remember(changed);
    } catch (error) {
      for (const key of changed) this.#changed.add(key);
      throw error;
    }
  }
}
