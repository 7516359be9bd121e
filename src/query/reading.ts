import type { Query, QueryProblem } from "./query.ts";

/** A part of a query that was understood: its tree, how it is echoed, and what joins the echo (for parentheses). */
export interface Reading {
  kind: "reading";
  query: Query;
  echo: string;
  joined: "one" | "and" | "or";
}

/** A part of a query that was not understood. */
export interface Refusal {
  kind: "refusal";
  problem: QueryProblem;
}

/** One term that was understood. */
export function term(query: Query, echo: string): Reading {
  return { kind: "reading", query, echo, joined: "one" };
}

/** All of `parts` together; a single part is itself. */
export function joined(kind: "and" | "or", parts: readonly Reading[]): Reading {
  if (parts.length === 1) return parts[0]!;
  const echo = parts.map((part) => inParentheses(part)).join(kind === "and" ? " AND " : " OR ");
  return { kind: "reading", query: { kind, parts: parts.map((part) => part.query) }, echo, joined: kind };
}

/** The opposite of `part`. */
export function negated(part: Reading): Reading {
  return term({ kind: "not", part: part.query }, `NOT ${inParentheses(part)}`);
}

/** A refusal with a suggestion or null. */
export function refuse(
  code: QueryProblem["code"],
  column: number,
  message: string,
  suggestion: string | null = null,
): Refusal {
  return { kind: "refusal", problem: { code, column, message, suggestion } };
}

function inParentheses(part: Reading): string {
  return part.joined === "one" ? part.echo : `(${part.echo})`;
}
