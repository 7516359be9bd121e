import type { ArchiveCatalogue } from "#catalogue/index.ts";
import type { Instant, MessageId, TenantId } from "#core/index.ts";
import type { Indexer } from "./indexer.ts";
import type { Progress } from "./progress.ts";

/**
 * Messages that are read again at a time: new mail is searchable after at most as many, however many wait for a key.
 */
const slice = 100;

/** Keys whose mail is to be opened. */
export interface WaitingKeys {
  /** As `recipientKeysOf` of smime/ writes them. */
  recipients: readonly string[];
  /**
   * When the newest of the keys was at work, at the latest. What a key of the same name failed to open before is worth
   * another try, and what it failed to open since is not, so that no start reads the same mail once more.
   */
  since: Instant;
}

/** What opening works with. */
export interface OpeningParts {
  catalogue: Pick<ArchiveCatalogue, "smime" | "smimeWaitingFor" | "smimeWaitingCounts" | "readAgain">;
  indexer: Pick<Indexer, "covered" | "stepped">;
  /** Told at each step, for what is shown live. */
  advanced(): void;
  /** Aborts when the archive stops: nothing further is begun. */
  stopping: AbortSignal;
}

/** Opens mail that waited for a key. */
export interface Opening {
  /**
   * Reads again what waits for a key of one of these recipients, and makes it searchable. Returns how many messages were
   * read; may be repeated. One run at a time for each tenant; another waits for it.
   */
  open(tenant: TenantId, keys: WaitingKeys, report: (progress: Progress) => void): Promise<number>;
  /** How far the run under way is; null when there is none. A message to two of the keys counts for each. */
  progress(tenant: TenantId): Progress | null;
}

/** Opening at rest. */
export function createOpening(parts: OpeningParts): Opening {
  const { catalogue, indexer, advanced, stopping } = parts;
  const runs = new Map<TenantId, Promise<unknown>>();
  const progressOf = new Map<TenantId, Progress>();

  async function run(tenant: TenantId, keys: WaitingKeys, report: (progress: Progress) => void): Promise<number> {
    // What was begun with the keys from before is noted as waiting first, or it would be looked for too early.
    await indexer.stepped(tenant);
    const counts = await catalogue.smimeWaitingCounts(tenant, keys.recipients);
    const total = counts.reduce((sum, { messages }) => sum + messages, 0);
    let finished = 0;
    let read = 0;
    const tell = (done: number) => {
      const progress = { done, total, unit: "messages" };
      if (total > 0) progressOf.set(tenant, progress);
      report(progress);
      advanced();
    };
    tell(0);
    try {
      for (const { recipient, messages } of counts) {
        read += await openFor(tenant, recipient, keys.since, (looked) => tell(finished + Math.min(looked, messages)));
        finished += messages;
      }
    } finally {
      progressOf.delete(tenant);
      advanced();
    }
    return read;
  }

  async function openFor(
    tenant: TenantId,
    recipient: string,
    since: Instant,
    looked: (messages: number) => void,
  ): Promise<number> {
    let read = 0;
    let count = 0;
    let after: MessageId | null = null;
    while (!stopping.aborted) {
      const ids: MessageId[] = await catalogue.smimeWaitingFor(tenant, recipient, after, slice);
      const last = ids.at(-1);
      if (last === undefined) break;
      const tried = (await catalogue.smime(tenant, ids))
        .filter(({ state, decidedAt }) => state === "encrypted-no-key" || decidedAt <= since)
        .map(({ message }) => message);
      if (tried.length > 0) await indexer.covered(tenant, await catalogue.readAgain(tenant, tried));
      read += tried.length;
      count += ids.length;
      after = last;
      looked(count);
    }
    return read;
  }

  return {
    async open(tenant, keys, report) {
      const before = runs.get(tenant) ?? Promise.resolve();
      const mine = before.then(() => run(tenant, keys, report));
      const ended = mine.then(
        () => undefined,
        () => undefined,
      );
      runs.set(tenant, ended);
      return mine;
    },
    progress: (tenant) => progressOf.get(tenant) ?? null,
  };
}
