/** Rows or values in one statement at most: 64 rows of the widest table are 960 of SQLite's 32,766 variables. */
export const pieceRowsMax = 64;

/**
 * Cuts `rows` into pieces whose lengths are powers of two up to {@link pieceRowsMax}.
 *
 * Few lengths mean few SQL texts, so that their prepared statements are found again.
 */
export function pieces<Row>(rows: readonly Row[]): Row[][] {
  const cut: Row[][] = [];
  for (let at = 0; at < rows.length; ) {
    const length = 2 ** Math.floor(Math.log2(Math.min(rows.length - at, pieceRowsMax)));
    cut.push(rows.slice(at, at + length));
    at += length;
  }
  return cut;
}

/**
 * Runs a look-up over `values`, each asked once, in lists of few different lengths, and returns all rows found.
 *
 * A list is filled up by repeating its last value, which finds nothing more.
 */
export async function lookUp<Value, Row>(
  values: Iterable<Value>,
  ask: (list: Value[]) => Promise<Row[]>,
): Promise<Row[]> {
  const distinct = [...new Set(values)];
  const found: Row[] = [];
  for (let at = 0; at < distinct.length; at += pieceRowsMax) {
    const list = distinct.slice(at, at + pieceRowsMax);
    const last = list[list.length - 1]!;
    const length = 2 ** Math.ceil(Math.log2(list.length));
    while (list.length < length) list.push(last);
    found.push(...(await ask(list)));
  }
  return found;
}
