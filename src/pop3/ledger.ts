import type { Clock, ConnectorId, Sha256, TenantId } from "#core/index.ts";
import type { Capture, UidlMemory, UidlRecord, UidlState } from "./uidl-memory.ts";

/** What was captured of the message, in whatever state it is now; null when nothing was. */
export function captureOf(state: UidlState | undefined): Capture | null {
  return state !== undefined && "capture" in state ? state.capture : null;
}

/** The records of one mailbox at work: changes are seen at once and made durable together. */
export class Ledger {
  readonly #memory: UidlMemory;
  readonly #tenant: TenantId;
  readonly #connector: ConnectorId;
  readonly #clock: Pick<Clock, "now">;
  readonly #records: Map<string, UidlRecord>;
  /** Almost every content has one key: a set for each would be most of the memory of a large mailbox. */
  readonly #keysByContent = new Map<Sha256, string | Set<string>>();
  #changed = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;

  static async open(
    memory: UidlMemory,
    tenant: TenantId,
    connector: ConnectorId,
    clock: Pick<Clock, "now">,
  ): Promise<Ledger> {
    return new Ledger(memory, tenant, connector, clock, await memory.records(tenant, connector));
  }

  private constructor(
    memory: UidlMemory,
    tenant: TenantId,
    connector: ConnectorId,
    clock: Pick<Clock, "now">,
    records: Map<string, UidlRecord>,
  ) {
    this.#memory = memory;
    this.#tenant = tenant;
    this.#connector = connector;
    this.#clock = clock;
    this.#records = records;
    for (const { key, state } of records.values()) this.#index(key, state);
  }

  get records(): ReadonlyMap<string, UidlRecord> {
    return this.#records;
  }

  state(key: string): UidlState | undefined {
    return this.#records.get(key)?.state;
  }

  /** Records of messages with this content. */
  withContent(sha256: Sha256): UidlRecord[] {
    const keys = this.#keysByContent.get(sha256) ?? [];
    return (typeof keys === "string" ? [keys] : [...keys]).map((key) => this.#records.get(key)!);
  }

  set(key: string, state: UidlState): void {
    this.#unindex(key);
    const now = this.#clock.now();
    this.#records.set(key, { key, state, firstSeenAt: this.#records.get(key)?.firstSeenAt ?? now, changedAt: now });
    this.#index(key, state);
    this.#changed.add(key);
  }

  forget(key: string): void {
    this.#unindex(key);
    if (this.#records.delete(key)) this.#changed.add(key);
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
    const records = [...changed].flatMap((key) => this.#records.get(key) ?? []);
    const forgotten = [...changed].filter((key) => !this.#records.has(key));
    try {
      await this.#memory.remember(this.#tenant, this.#connector, { records, forgotten });
    } catch (error) {
      for (const key of changed) this.#changed.add(key);
      throw error;
    }
  }

  #index(key: string, state: UidlState): void {
    const capture = captureOf(state);
    if (capture === null) return;
    const keys = this.#keysByContent.get(capture.sha256);
    if (keys === undefined) this.#keysByContent.set(capture.sha256, key);
    else if (typeof keys === "string") this.#keysByContent.set(capture.sha256, new Set([keys, key]));
    else keys.add(key);
  }

  #unindex(key: string): void {
    const capture = captureOf(this.#records.get(key)?.state);
    if (capture === null) return;
    const keys = this.#keysByContent.get(capture.sha256);
    if (keys === key) this.#keysByContent.delete(capture.sha256);
    if (!(keys instanceof Set)) return;
    keys.delete(key);
    if (keys.size === 0) this.#keysByContent.delete(capture.sha256);
  }
}
