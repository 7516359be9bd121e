import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { RecentlyUsed } from "./recently-used.ts";

/** Prepared statements kept per database file: every command's texts, at a few KiB each, with room to spare. */
const statementsKeptMax = 256;

/**
 * Kysely over an open `node:sqlite` database: one connection, prepared statements kept by their text.
 *
 * Transactions take the write lock at their beginning, so that one never fails half-way for want of it. Destroying the
 * Kysely instance closes the database.
 */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => nodeSqliteDriver(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

function nodeSqliteDriver(database: DatabaseSync): Driver {
  const connection = nodeSqliteConnection(database);
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: async () => database.exec("begin immediate"),
    commitTransaction: async () => database.exec("commit"),
    rollbackTransaction: async () => {
      // On a full disk or a read error SQLite has rolled back by itself; a second time would hide the true cause.
      if (database.isTransaction) database.exec("rollback");
    },
    destroy: async () => database.close(),
  };
}

interface Prepared {
  statement: StatementSync;
  givesRows: boolean;
}

function nodeSqliteConnection(database: DatabaseSync): DatabaseConnection {
  const preparedBySql = new RecentlyUsed<Prepared>(statementsKeptMax);
  const prepared = (sql: string): Prepared => {
    const kept = preparedBySql.get(sql);
    if (kept !== undefined) return kept;
    const statement = database.prepare(sql);
    const fresh = { statement, givesRows: statement.columns().length > 0 };
    preparedBySql.set(sql, fresh);
    return fresh;
  };
  return {
    executeQuery: async <Row>(query: CompiledQuery): Promise<QueryResult<Row>> => {
      const { statement, givesRows } = prepared(query.sql);
      const parameters = query.parameters as SQLInputValue[];
      if (givesRows) return { rows: statement.all(...parameters) as Row[] };
      const { changes } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes) };
    },
    streamQuery: async function* <Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
      // Its own statement: a kept one could be reset by another query while rows are still being read.
      const rows = database.prepare(query.sql).iterate(...(query.parameters as SQLInputValue[]));
      for (const row of rows) yield { rows: [row as Row] };
    },
  };
}
