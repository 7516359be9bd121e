import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure, isFailure, isTenantId, must, type TenantId } from "#core/index.ts";
import type { Query } from "#query/index.ts";
import { isDamage, openIndexFile, removeIndexFile } from "./embedded-file.ts";
import { TenantIndex } from "./embedded-tenant.ts";
import type { Hits, PageRequest, SearchDocument } from "./search-index.ts";

/** Most index files open at once: each holds a few descriptors and a page cache. */
const openFilesMax = 64;

/**
 * The embedded search engine, synchronous: SQLite FTS5, one file per tenant at `DIRECTORY/TENANT/index-1.sqlite`.
 *
 * It blocks, so it belongs in a thread of its own. Every method throws {@link Failure} `SEARCH-BROKEN`, retry later, when
 * SQLite fails. A file found damaged is begun anew, from change 0; then `apply` fails until `indexedTo` has been asked,
 * since its caller must start again and not go on behind a gap.
 */
export class EmbeddedEngine {
  readonly #directory: string;
  readonly #rebuilt: (tenant: TenantId) => void;
  readonly #filesMax: number;
  /** Least recently used first. */
  readonly #open = new Map<TenantId, TenantIndex>();
  readonly #begunAnew = new Set<TenantId>();

  /** @param rebuilt told of every index that was damaged and begun anew */
  constructor(directory: string, rebuilt: (tenant: TenantId) => void, filesMax: number = openFilesMax) {
    this.#directory = directory;
    this.#rebuilt = rebuilt;
    this.#filesMax = filesMax;
  }

  apply(tenant: TenantId, documents: readonly SearchDocument[], seq: number): void {
    this.#use(tenant, (index) => {
      if (this.#begunAnew.has(tenant)) {
        throw new Failure(
          "SEARCH-BROKEN",
          "later",
          `the index of ${tenant} was begun anew and has to be filled from 0`,
        );
      }
      index.apply(documents, seq);
    });
  }

  indexedTo(tenant: TenantId): number {
    return this.#use(tenant, (index) => {
      this.#begunAnew.delete(tenant);
      return index.indexedTo();
    });
  }

  search(tenant: TenantId, query: Query, page: PageRequest): Hits {
    return this.#use(tenant, (index) => index.search(query, page));
  }

  size(tenant: TenantId): number {
    return this.#use(tenant, (index) => index.size());
  }

  drop(tenant: TenantId): void {
    const path = this.#pathOf(tenant);
    this.#shut(tenant);
    this.#begunAnew.delete(tenant);
    rmSync(dirname(path), { recursive: true, force: true });
  }

  close(): void {
    for (const tenant of [...this.#open.keys()]) this.#shut(tenant);
  }

  #use<T>(tenant: TenantId, work: (index: TenantIndex) => T): T {
    try {
      return work(this.#opened(tenant));
    } catch (error) {
      if (isDamage(error)) this.#beginAnew(tenant);
      if (isFailure(error)) throw error;
      throw new Failure("SEARCH-BROKEN", "later", `search index of ${tenant}: ${String(error)}`, {
        publicText: "the search index does not answer",
        cause: error,
      });
    }
  }

  #opened(tenant: TenantId): TenantIndex {
    const known = this.#open.get(tenant);
    if (known !== undefined) {
      this.#open.delete(tenant);
      this.#open.set(tenant, known);
      return known;
    }
    const { database, wasDamaged } = openIndexFile(this.#pathOf(tenant));
    if (wasDamaged) this.#noteBegunAnew(tenant);
    const index = new TenantIndex(database);
    this.#open.set(tenant, index);
    if (this.#open.size > this.#filesMax) this.#shut(this.#open.keys().next().value!);
    return index;
  }

  #beginAnew(tenant: TenantId): void {
    this.#shut(tenant);
    removeIndexFile(this.#pathOf(tenant));
    this.#noteBegunAnew(tenant);
  }

  #noteBegunAnew(tenant: TenantId): void {
    this.#begunAnew.add(tenant);
    this.#rebuilt(tenant);
  }

  #shut(tenant: TenantId): void {
    this.#open.get(tenant)?.close();
    this.#open.delete(tenant);
  }

  #pathOf(tenant: TenantId): string {
    must(isTenantId(tenant), "a tenant id names a directory");
    return join(this.#directory, tenant, "index-1.sqlite");
  }
}
