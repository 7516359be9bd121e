import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { MessageId } from "#core/index.ts";
import type { Query } from "#query/index.ts";
import { columns, tokensByColumn } from "./columns.ts";
import { conditionOf } from "./condition.ts";
import { columnName, type Selection, selectionOf } from "./embedded-match.ts";
import { placeBelow } from "./paging.ts";
import { placesFor } from "./place.ts";
import type { Hits, PageRequest, SearchDocument } from "./search-index.ts";

/** Most totals remembered between two changes: the pages of a search count once. */
const totalsMax = 256;
/** Most statements kept prepared; their texts depend on the shape of a query only. */
const statementsMax = 64;

/** Free pages are given back once they are more than this share of the file: fewer are soon used again. */
const freeShareMax = 1 / 16;

/** One tenant's index in one open file, which it owns. Whatever SQLite throws comes through. */
export class TenantIndex {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #totals = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** All of `documents` and `seq`, or nothing. */
  apply(documents: readonly SearchDocument[], seq: number): void {
    this.#totals.clear();
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const document of documents) this.#put(document);
      this.#statement("UPDATE applied SET seq = max(seq, ?)").run(seq);
      this.#giveBack();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  indexedTo(): number {
    return Number(this.#statement("SELECT seq FROM applied").get()?.seq);
  }

  size(): number {
    return Number(this.#statement("SELECT count(*) AS size FROM documents").get()?.size);
  }

  search(query: Query, page: PageRequest): Hits {
    const selection = selectionOf(conditionOf(query));
    const hits = this.newest(selection, placeBelow(page), page.limit + 1);
    const shown = hits.slice(0, page.limit);
    return {
      messages: shown.map((hit) => hit.message),
      total: this.total(selection),
      next: hits.length > shown.length ? String(shown.at(-1)!.place) : null,
    };
  }

  /** The newest hits with a place below `below`. Stops as soon as it has enough. */
  newest(selection: Selection, below: number, limit: number): { place: number; message: MessageId }[] {
    const before = Math.min(selection.before, below);
    const { sql, values } = rowsOf({ ...selection, before });
    const order = `ORDER BY ${placeColumn(selection)} DESC LIMIT ?`;
    const rows = this.#statement(`SELECT d.place, d.message FROM ${sql} ${order}`).all(...values, limit);
    return rows as unknown as { place: number; message: MessageId }[];
  }

  /** The exact number of hits. */
  total(selection: Selection): number {
    const key = JSON.stringify(selection);
    const known = this.#totals.get(key);
    if (known !== undefined) return known;
    const { sql, values } = countedOf(selection);
    const total = Number(this.#statement(`SELECT count(*) AS total FROM ${sql}`).get(...values)?.total);
    if (this.#totals.size >= totalsMax) this.#totals.delete(this.#totals.keys().next().value!);
    this.#totals.set(key, total);
    return total;
  }

  close(): void {
    this.#database.close();
  }

  #giveBack(): void {
    const { pages, free } = this.#statement(
      "SELECT page_count AS pages, freelist_count AS free FROM pragma_page_count, pragma_freelist_count",
    ).get() as { pages: number; free: number };
    if (free > pages * freeShareMax) this.#database.exec(`PRAGMA incremental_vacuum(${Math.ceil(free / 2)})`);
  }

  #put(document: SearchDocument): void {
    const earlier = this.#statement("SELECT place, sent_at FROM documents WHERE message = ?").get(document.message);
    if (earlier !== undefined) {
      this.#statement("DELETE FROM words WHERE rowid = ?").run(earlier.place!);
      this.#statement("DELETE FROM documents WHERE place = ?").run(earlier.place!);
    }
    const place = earlier?.sent_at === document.sentAt ? Number(earlier.place) : this.#freePlace(document);
    this.#statement("INSERT INTO documents (place, message, sent_at, bytes) VALUES (?, ?, ?, ?)").run(
      place,
      document.message,
      document.sentAt,
      document.bytes,
    );
    const tokens = tokensByColumn(document);
    this.#statement(insertWords).run(place, ...columns.map((column) => tokens[column].join(" ")));
  }

  #freePlace({ sentAt, message }: SearchDocument): number {
    const places = placesFor(sentAt, message, (from, to) => {
      const counted = this.#statement("SELECT count(*) AS taken FROM documents WHERE place >= ? AND place < ?");
      return Number(counted.get(from, to)?.taken) === to - from;
    });
    const taken = this.#statement("SELECT 1 FROM documents WHERE place = ?");
    let place = places.next().value;
    while (taken.get(place) !== undefined) place = places.next().value;
    return place;
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size >= statementsMax) this.#statements.delete(this.#statements.keys().next().value!);
    this.#statements.set(sql, statement);
    return statement;
  }
}

const insertWords = `INSERT INTO words (rowid, ${columns.map(columnName).join(", ")})
  VALUES (?${", ?".repeat(columns.length)})`;

interface Rows {
  sql: string;
  values: SQLInputValue[];
}

/** The hits with their rows in `documents d`; CROSS JOIN keeps the order in which FTS5 finds them. */
function rowsOf(selection: Selection): Rows {
  const place = placeColumn(selection);
  const source = selection.match === null ? "documents d" : "words w CROSS JOIN documents d ON d.place = w.rowid";
  const conditions = [`${place} >= ?`, `${place} < ?`];
  const values: SQLInputValue[] = [selection.from, selection.before];
  if (selection.match !== null) {
    conditions.unshift("w.words MATCH ?");
    values.unshift(selection.match);
  }
  if (selection.sizes !== null) {
    conditions.push("d.bytes >= ? AND d.bytes <= ?");
    values.push(selection.sizes.min, selection.sizes.max);
  }
  if (selection.where !== null) {
    conditions.push(selection.where.sql);
    values.push(...selection.where.values);
  }
  return { sql: `${source} WHERE ${conditions.join(" AND ")}`, values };
}

/** The hits to be counted: without `documents` where FTS5 alone decides. */
function countedOf(selection: Selection): Rows {
  const isAlone = selection.match !== null && selection.sizes === null && selection.where === null;
  if (!isAlone) return rowsOf(selection);
  return {
    sql: "words w WHERE w.words MATCH ? AND w.rowid >= ? AND w.rowid < ?",
    values: [selection.match, selection.from, selection.before],
  };
}

function placeColumn(selection: Selection): string {
  return selection.match === null ? "d.place" : "w.rowid";
}
