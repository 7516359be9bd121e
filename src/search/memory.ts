import type { MessageId, TenantId } from "#core/index.ts";
import type { Query } from "#query/index.ts";
import { type Column, columns, type TokensByColumn, tokensByColumn } from "./columns.ts";
import { type Condition, conditionOf, type Tokens } from "./condition.ts";
import { placeBelow } from "./paging.ts";
import { placesFor } from "./place.ts";
import type { Hits, PageRequest, SearchDocument, SearchIndex } from "./search-index.ts";

/** A search index in memory: the same answers as every engine's, for simulations and tests. Looks at every document. */
export function openMemorySearch(): SearchIndex {
  const shelves = new Map<TenantId, Shelf>();
  const shelfOf = (tenant: TenantId) => shelves.get(tenant) ?? { held: new Map(), taken: new Set(), seq: 0 };
  return {
    async apply(tenant, documents, seq) {
      const shelf = shelfOf(tenant);
      shelves.set(tenant, shelf);
      for (const document of documents) put(shelf, document);
      shelf.seq = Math.max(shelf.seq, seq);
    },
    async indexedTo(tenant) {
      return shelfOf(tenant).seq;
    },
    async search(tenant, query, page) {
      return find(shelfOf(tenant), query, page);
    },
    async size(tenant) {
      return shelfOf(tenant).held.size;
    },
    async drop(tenant) {
      shelves.delete(tenant);
    },
    async close() {},
  };
}

interface Shelf {
  held: Map<MessageId, Held>;
  taken: Set<number>;
  seq: number;
}

interface Held {
  message: MessageId;
  sentAt: number;
  place: number;
  bytes: number;
  tokens: TokensByColumn;
}

function put(shelf: Shelf, document: SearchDocument): void {
  const { message, sentAt, bytes } = document;
  const earlier = shelf.held.get(message);
  if (earlier !== undefined && earlier.sentAt !== sentAt) shelf.taken.delete(earlier.place);
  const place = earlier?.sentAt === sentAt ? earlier.place : freePlace(shelf, document);
  shelf.taken.add(place);
  shelf.held.set(message, { message, sentAt, place, bytes, tokens: tokensByColumn(document) });
}

function freePlace(shelf: Shelf, { sentAt, message }: SearchDocument): number {
  const places = placesFor(sentAt, message);
  let place = places.next().value;
  while (shelf.taken.has(place)) place = places.next().value;
  return place;
}

function find(shelf: Shelf, query: Query, page: PageRequest): Hits {
  const below = placeBelow(page);
  const condition = conditionOf(query);
  const matching = [...shelf.held.values()].filter((held) => meets(held, condition)).sort((a, b) => b.place - a.place);
  const rest = matching.filter((held) => held.place < below);
  const hits = rest.slice(0, page.limit);
  return {
    messages: hits.map((held) => held.message),
    total: matching.length,
    next: rest.length > hits.length ? String(hits.at(-1)!.place) : null,
  };
}

function meets(held: Held, condition: Condition): boolean {
  switch (condition.kind) {
    case "and":
      return condition.parts.every((part) => meets(held, part));
    case "or":
      return condition.parts.some((part) => meets(held, part));
    case "not":
      return !meets(held, condition.part);
    case "places":
      return held.place >= condition.from && held.place < condition.before;
    case "sizes":
      return held.bytes >= condition.min && held.bytes <= condition.max;
    case "tokens":
      return (condition.columns ?? columns).some((column: Column) => stand(held.tokens[column], condition));
  }
}

function stand(tokens: readonly string[], { tokens: wanted, isPrefix }: Tokens): boolean {
  const last = wanted.length - 1;
  return tokens.some((_, start) =>
    wanted.every((token, index) => {
      const found = tokens[start + index];
      return index === last && isPrefix ? found?.startsWith(token) : found === token;
    }),
  );
}
