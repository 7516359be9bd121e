/** What stands behind an operator, or alone when `operator` is empty. */
export interface Value {
  operator: string;
  text: string;
  isQuoted: boolean;
  /** Whether a `*` follows the closing quotation mark. */
  isPrefix: boolean;
  /** Where the value begins in the query text. */
  column: number;
}

/** A value as it is echoed and suggested: with its operator, in the quotation marks it had; `text` replaces its text. */
export function shown(value: Value, text: string = value.text): string {
  const star = value.isPrefix ? "*" : "";
  return (value.operator === "" ? "" : `${value.operator}:`) + (value.isQuoted ? `"${text}"${star}` : text);
}
