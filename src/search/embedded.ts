import { Piscina } from "piscina";
import { Failure, failureFrom, type TenantId } from "#core/index.ts";
import { needsRoom, type RoomMaker } from "#thread/index.ts";
import type { Answer, Call, WorkerSettings } from "./embedded-worker.ts";
import type { Hits, SearchIndex } from "./search-index.ts";

/** Where the embedded index lives, and who is told when a part of it was damaged. */
export interface EmbeddedSearchSettings {
  /** Holds one directory per tenant; made when absent. */
  directory: string;
  /** Told when a tenant's index was damaged and begun anew from change 0: `search-index-rebuilt`. */
  log?: (event: "search-index-rebuilt", facts: { tenant: TenantId }) => void;
}

/**
 * Opens the embedded search index: SQLite FTS5 in a thread of its own, one call at a time.
 *
 * After a Failure of `apply`, ask `indexedTo` before the next `apply`: a damaged file is begun anew, and an `apply` that
 * would leave a gap is refused with `SEARCH-BROKEN`. Close it, or the thread stays.
 */
export async function openEmbeddedSearch({ directory, log }: EmbeddedSearchSettings): Promise<SearchIndex & RoomMaker> {
  const settings: WorkerSettings = { directory };
  const pool = new Piscina<Call, Answer>({
    // The same file runs from source and when built.
    filename: new URL(`./embedded-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    workerData: settings,
  });
  let closing: Promise<void> | null = null;

  async function call(method: Call["method"], ...parameters: unknown[]): Promise<unknown> {
    if (closing !== null && method !== "close")
      throw new Failure("SEARCH-BROKEN", "later", "the search index is closed");
    const answer = await pool.run({ method, parameters }).catch((error: unknown) => {
      throw new Failure("SEARCH-BROKEN", "later", `the search thread broke: ${String(error)}`, {
        publicText: "the search index does not answer",
        cause: error,
      });
    });
    for (const tenant of answer.rebuilt) log?.("search-index-rebuilt", { tenant });
    if (answer.kind === "failed") throw failureFrom(answer.failure);
    return answer.result;
  }

  return {
    async apply(tenant, documents, seq) {
      await call("apply", tenant, documents, seq);
    },
    indexedTo: (tenant) => call("indexedTo", tenant) as Promise<number>,
    search: (tenant, query, page) => call("search", tenant, query, page) as Promise<Hits>,
    size: (tenant) => call("size", tenant) as Promise<number>,
    async drop(tenant) {
      await call("drop", tenant);
    },
    makeRoom(bytes) {
      // For memory's sake alone: a thread that broke has nothing lying about.
      if (needsRoom(bytes) && closing === null) call("makeRoom", bytes).catch(() => undefined);
    },
    close() {
      closing ??= call("close")
        .then(() => {})
        .finally(() => pool.destroy());
      return closing;
    },
  };
}
