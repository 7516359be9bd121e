import type { ArchiveCatalogue, MessageRow, SmimeEntry } from "#catalogue/index.ts";
import { type Clock, isFailure, type Log, type MessageId, type TenantId } from "#core/index.ts";
import type { SearchDocument, SearchIndex } from "#search/index.ts";
import { mayHaveSmime } from "#smime/index.ts";
import type { ArchivedReader, ArchivedReading } from "./archived-reader.ts";
import { documentOf } from "./document.ts";
import { mayHaveTnef } from "./tnef-entity.ts";

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
  /** Resolves when the index covers the change `seq`, or the indexer stops. */
  covered(tenant: TenantId, seq: number): Promise<void>;
  /** Resolves when the step that is under way for this tenant, if any, has ended: what begins later reads with new keys. */
  stepped(tenant: TenantId): Promise<void>;
  stop(): Promise<void>;
}

/** What the indexer works with. */
export interface IndexerParts {
  catalogue: ArchiveCatalogue;
  search: SearchIndex;
  /** Reads texts that are not at hand, and everything that is encrypted. */
  reader: Pick<ArchivedReader, "read">;
  /** By which the direction of mail is judged. */
  ownDomains: (tenant: TenantId) => Promise<readonly string[]>;
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
  const stepping = new Map<TenantId, Promise<boolean>>();
  /** Those who wait for the index to come further, of whatever tenant. */
  const coverage: (() => void)[] = [];

  /** They look for themselves whether it is far enough. */
  function letGo(): void {
    for (const waiting of coverage.splice(0)) waiting();
  }

  function takeText(id: MessageId): string | undefined {
    const text = texts.get(id);
    if (text !== undefined) {
      texts.delete(id);
      textLength -= text.length;
    }
    return text;
  }

  /** Documents of messages, and what S/MIME made of those that have any. */
  async function documents(tenant: TenantId, ids: readonly MessageId[]) {
    const found: { documents: SearchDocument[]; smime: SmimeEntry[] } = { documents: [], smime: [] };
    const rows = await parts.catalogue.messages(tenant, ids);
    const encrypted = rows.filter((row) => mayHaveSmime(row.parts)).map(({ id }) => id);
    const known = encrypted.length === 0 ? [] : await parts.catalogue.smime(tenant, encrypted);
    const knownById = new Map(known.map((entry) => [entry.message, entry]));
    const ownDomains = await parts.ownDomains(tenant);
    for (const row of rows) {
      const text = takeText(row.id);
      const isPlain = text !== undefined && !mayHaveSmime(row.parts) && !mayHaveTnef(row.parts);
      const reading = isPlain ? plainReading(text) : await readingOf(tenant, row, knownById.get(row.id) ?? null);
      found.documents.push(documentOf(row, reading, ownDomains));
      if (reading.smime !== null) found.smime.push(reading.smime);
    }
    return found;
  }

  async function readingOf(tenant: TenantId, row: MessageRow, before: SmimeEntry | null): Promise<ArchivedReading> {
    try {
      return await parts.reader.read(tenant, row, before);
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
      // Damaged bytes: what the catalogue knows of the message stays findable, and verify names the damage.
      parts.log("index.text_missing", { tenant, message: row.id, code: error.code });
      return plainReading("");
    }
  }

  /** Applies the next changes; false when there are none. */
  function step(tenant: TenantId): Promise<boolean> {
    const applied = apply(tenant);
    stepping.set(tenant, applied);
    return applied;
  }

  async function apply(tenant: TenantId): Promise<boolean> {
    const from = await parts.search.indexedTo(tenant);
    const changes = await parts.catalogue.changes(tenant, from, changesMax);
    const last = changes.at(-1);
    if (last === undefined) {
      // An index ahead of its catalogue belongs to another past: it starts again.
      const isAhead = from > (await parts.catalogue.lastChange(tenant));
      if (isAhead) await parts.search.drop(tenant);
      return isAhead;
    }
    const found = await documents(tenant, [...new Set(changes.map(({ message }) => message))]);
    // First what is in the catalogue: the place in the sequence is kept by the index, and both may be repeated.
    if (found.smime.length > 0) await parts.catalogue.noteSmime(tenant, found.smime);
    await parts.search.apply(tenant, found.documents, last.seq);
    parts.advanced(tenant);
    letGo();
    return true;
  }

  async function follow(tenant: TenantId): Promise<void> {
    while (wanted.delete(tenant) && !stopping.signal.aborted) {
      try {
        while (!stopping.signal.aborted && (await step(tenant)));
        letGo();
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
    covered: async (tenant, seq) => {
      while (!stopping.signal.aborted && (await parts.search.indexedTo(tenant)) < seq) {
        const further = new Promise<void>((resolve) => coverage.push(resolve));
        wake(tenant);
        await further;
      }
    },
    stepped: async (tenant) => {
      await stepping.get(tenant)?.catch(() => undefined); // whoever took the step deals with its failure
    },
    stop: async () => {
      stopping.abort();
      letGo();
      await Promise.all(running.values());
    },
  };
}

function plainReading(text: string): ArchivedReading {
  return { text, filenames: [], smime: null };
}
