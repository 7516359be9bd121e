import { type Compilable, CompiledQuery, type Kysely } from "kysely";
import { pieces } from "./pieces.ts";
import type { TenantTables } from "./tables.ts";

/** SQL texts by table and number of rows: a handful, since pieces have few lengths. */
const textByShape = new Map<string, string>();

/**
 * Inserts rows in as few statements as may be.
 *
 * Kysely writes the text of each shape once and its compiling is left out after that: it would take as long as the
 * inserting. So every row must come from one literal, whose keys stand in one order.
 *
 * @param insert the insert of these rows, as Kysely builds it
 */
export async function insertRows<Row extends object>(
  db: Kysely<TenantTables>,
  table: keyof TenantTables,
  rows: readonly Row[],
  insert: (rows: Row[]) => Compilable,
): Promise<void> {
  for (const piece of pieces(rows)) {
    const shape = `${table} ${piece.length}`;
    const text = textByShape.get(shape) ?? insert(piece).compile().sql;
    textByShape.set(shape, text);
    const parameters = piece.flatMap((row): unknown[] => Object.values(row));
    await db.executeQuery(CompiledQuery.raw(text, parameters));
  }
}
