import type { ArchiveCatalogue } from "#catalogue/index.ts";
import { type Clock, isFailure, type Log, type MessageId, type TenantId } from "#core/index.ts";
import { readMessage } from "#mail/index.ts";
import type { SearchDocument, SearchIndex } from "#search/index.ts";
import { documentOf } from "./document.ts";

import { gather, type Retrieval } from "./retrieve.ts";

/** Changes applied in one step: large enough for the engine, small enough to be searchable soon. */
const changesMax = 256;
/** Texts handed over by the archive loop and not yet indexed, in characters; beyond it they are read again from packs. */
const heldTextMax = 16 * 1024 * 1024;
/** Wait before trying again after the engine failed, in milliseconds. */
const retryMs = 1_000;

/** Follows the catalogue's changes and keeps the search index up to them. */
export interface Indexer {
  /** Offers text that is at hand anyway, so that it need not be read from the pack again. */
  offer(tenant: TenantId, texts: readonly [MessageId, string][]): void;
  /** Looks for changes of this tenant, soon. */
  wake(tenant: TenantId): void;
  /** Forgets the tenant's index and follows the changes from the first. Resolves when everything is covered. */
  rebuild(tenant: TenantId, report: (done: number, total: number) => void): Promise<number>;
  stop(): Promise<void>;
}

/** What the indexer works with. */
export interface IndexerParts {
  catalogue: ArchiveCatalogue;
  search: SearchIndex;
  retrieval: Retrieval;
  clock: Clock;
  log: Log;
  /** Told after each step, for what is shown live. */
  advanced: (tenant: TenantId) => void;
}

/** An indexer at rest: it begins with the first {@link Indexer.wake} and tries again while the engine fails. */
export function createIndexer(parts: IndexerParts): Indexer {
  const stopping = new AbortController();
  const texts = new Map<MessageId, string>();
  let textLength = 0;
  const running = new Map<TenantId, Promise<void>>();
  const wanted = new Set<TenantId>();

  function takeText(id: MessageId): string | undefined {
    const text = texts.get(id);
    if (text !== undefined) {
      texts.delete(id);
      textLength -= text.length;
    }
    return text;
  }

  async function documents(tenant: TenantId, ids: readonly MessageId[]): Promise<SearchDocument[]> {
    const found: SearchDocument[] = [];
    for (const row of await parts.catalogue.messages(tenant, ids)) {
      const text = takeText(row.id) ?? (await textOf(tenant, row));
      found.push(documentOf(row, text));
    }
    return found;
  }

  async function textOf(
    tenant: TenantId,
    row: Awaited<ReturnType<ArchiveCatalogue["messages"]>>[number],
  ): Promise<string> {
    try {
      return readMessage(await gather(parts.retrieval.message(tenant, row), row.bytes)).text;
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
      // Damaged bytes: what the catalogue knows of the message stays findable, and verify names the damage.
      parts.log("index.text_missing", { tenant, message: row.id, code: error.code });
      return "";
    }
  }

  /** Applies the next changes; false when there are none. */
  async function step(tenant: TenantId): Promise<boolean> {
    const from = await parts.search.indexedTo(tenant);
    const changes = await parts.catalogue.changes(tenant, from, changesMax);
    const last = changes.at(-1);
    if (last === undefined) {
      // An index ahead of its catalogue belongs to another past: it starts again.
      const isAhead = from > (await parts.catalogue.lastChange(tenant));
      if (isAhead) await parts.search.drop(tenant);
      return isAhead;
    }
    await parts.search.apply(
      tenant,
      await documents(tenant, [...new Set(changes.map(({ message }) => message))]),
      last.seq,
    );
    parts.advanced(tenant);
    return true;
  }

  async function follow(tenant: TenantId): Promise<void> {
    while (wanted.delete(tenant) && !stopping.signal.aborted) {
      try {
        while (!stopping.signal.aborted && (await step(tenant)));
      } catch (error) {
        parts.log("index.failed", { tenant, error: String(error) });
        wanted.add(tenant);
        await parts.clock.sleep(retryMs, stopping.signal);
      }
    }
    running.delete(tenant);
  }

  function wake(tenant: TenantId): void {
    wanted.add(tenant);
    if (!running.has(tenant)) running.set(tenant, follow(tenant));
  }

  return {
    offer: (_tenant, offered) => {
      for (const [id, text] of offered) {
        if (textLength + text.length > heldTextMax) return;
        if (texts.has(id)) continue;
        texts.set(id, text);
        textLength += text.length;
      }
    },
    wake,
    rebuild: async (tenant, report) => {
      await running.get(tenant);
      await parts.search.drop(tenant);
      const total = await parts.catalogue.lastChange(tenant);
      while ((await parts.search.indexedTo(tenant)) < total && !stopping.signal.aborted) {
        await step(tenant);
        report(await parts.search.indexedTo(tenant), total);
      }
      return parts.search.size(tenant);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}
