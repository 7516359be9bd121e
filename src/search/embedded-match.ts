import type { Column } from "./columns.ts";
import { type Condition, every, type Tokens } from "./condition.ts";

/** A condition as SQL over `documents`: FTS5 answers `match`, the rest is ranges that every hit must be in. */
export interface Selection {
  /** An FTS5 expression, or null when the ranges alone decide. */
  match: string | null;
  /** Places within [from, before). */
  from: number;
  before: number;
  /** Bytes within [min, max], or null when the size does not matter. */
  sizes: { min: number; max: number } | null;
  /** What FTS5 cannot express (ranges under OR or NOT), as SQL with values for its question marks; or null. */
  where: { sql: string; values: (string | number)[] } | null;
}

/** Deepest nesting handed to FTS5, whose parser has a fixed stack of 100: each level takes up to four entries. */
const matchDepthMax = 16;

/**
 * Splits `condition` into what each part of the engine answers fastest.
 *
 * Nothing of a query's text becomes syntax: tokens are quoted strings inside the expression, and the expression and every
 * number are bound values of the SQL.
 */
export function selectionOf(condition: Condition): Selection {
  const selection: Selection = { match: null, from: 0, before: Number.MAX_SAFE_INTEGER, sizes: null, where: null };
  const matched: Condition[] = [];
  const others: Condition[] = [];
  for (const part of conjuncts(condition)) {
    if (part.kind === "places") {
      selection.from = Math.max(selection.from, part.from);
      selection.before = Math.min(selection.before, part.before);
    } else if (part.kind === "sizes") {
      const { min, max } = selection.sizes ?? part;
      selection.sizes = { min: Math.max(min, part.min), max: Math.min(max, part.max) };
    } else if (isMatchable(part)) matched.push(part);
    else others.push(part);
  }
  if (matched.length > 0) selection.match = expressionOf({ kind: "and", parts: matched });
  if (others.length > 0) {
    const values: (string | number)[] = [];
    selection.where = { sql: sqlOf({ kind: "and", parts: others }, values), values };
  }
  return selection;
}

function conjuncts(condition: Condition): Condition[] {
  return condition.kind === "and" ? condition.parts.flatMap(conjuncts) : [condition];
}

/** Whether FTS5 alone can answer: tokens only, and not nested too deep for its parser. */
function isMatchable(condition: Condition, depth = 1): boolean {
  if (condition.kind === "places" || condition.kind === "sizes" || depth > matchDepthMax) return false;
  if (condition.kind === "tokens") return true;
  const parts = condition.kind === "not" ? [condition.part] : condition.parts;
  return parts.every((part) => isMatchable(part, depth + 1));
}

function expressionOf(condition: Condition): string {
  if (condition.kind === "tokens") return quoted(condition);
  if (condition.kind === "not") return `(${quoted(every)} NOT ${expressionOf(condition.part)})`;
  if (condition.kind === "or") {
    if (condition.parts.length === 0) return expressionOf({ kind: "not", part: every });
    return bracketed(condition.parts.map(expressionOf), " OR ");
  }
  if (condition.kind !== "and") throw new RangeError("FTS5 knows no ranges");
  const wanted = condition.parts.filter((part) => part.kind !== "not").map(expressionOf);
  const unwanted = condition.parts.filter((part) => part.kind === "not").map((part) => expressionOf(part.part));
  const base = bracketed(wanted.length === 0 ? [quoted(every)] : wanted, " AND ");
  return unwanted.length === 0 ? base : `(${[base, ...unwanted].join(" NOT ")})`;
}

function bracketed(parts: readonly string[], joint: string): string {
  return parts.length === 1 ? parts[0]! : `(${parts.join(joint)})`;
}

function quoted({ tokens, columns, isPrefix }: Tokens): string {
  const filter = columns === null ? "" : `{${columns.map(columnName).join(" ")}} : `;
  return `${filter}"${tokens.join(" ").replaceAll('"', '""')}"${isPrefix ? " *" : ""}`;
}

/** FTS5 wants bare words as column names. */
export function columnName(column: Column): string {
  return `c_${column.replaceAll("-", "_")}`;
}

function sqlOf(condition: Condition, values: (string | number)[]): string {
  if (isMatchable(condition)) {
    values.push(expressionOf(condition));
    return "d.place IN (SELECT rowid FROM words WHERE words MATCH ?)";
  }
  switch (condition.kind) {
    case "places":
      values.push(condition.from, condition.before);
      return "(d.place >= ? AND d.place < ?)";
    case "sizes":
      values.push(condition.min, condition.max);
      return "(d.bytes >= ? AND d.bytes <= ?)";
    case "not":
      return `NOT ${sqlOf(condition.part, values)}`;
    case "and":
    case "or": {
      const joint = condition.kind === "and" ? " AND " : " OR ";
      return `(${condition.parts.map((part) => sqlOf(part, values)).join(joint)})`;
    }
    case "tokens":
      throw new RangeError("tokens are always for FTS5");
  }
}
