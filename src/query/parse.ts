import { KiB } from "#core/index.ts";
import type { QueryContext } from "./dates.ts";
import { type Token, tokensOf } from "./lexer.ts";
import { readValue } from "./operators.ts";
import type { Query, QueryParse } from "./query.ts";
import { joined, negated, type Reading, type Refusal, refuse, term } from "./reading.ts";
import { shown } from "./value.ts";

/** Longest query text in bytes of UTF-8: it is part of a URL. */
export const queryBytesMax = 8 * KiB;
/** Deepest nesting of parentheses: nobody reads more, and every engine's own parser stands it. */
export const queryDepthMax = 50;
/** Most words and other conditions in one query, so that its cost is bounded. */
export const queryTermsMax = 256;

/**
 * Reads a search text.
 *
 * Words are joined by AND, which binds closer than OR; inside braces a blank means OR. `readAs` says what was understood
 * with every AND, OR and NOT written out, parentheses where two of them meet, and instants with zone and offset. A text
 * of blanks, and `*`, is everything. What is not understood is a problem, never taken for plain words; `tokensOf` in the
 * lexer says when a word with a colon is plain all the same.
 *
 * @param context the same text and context give the same result; an unknown zone throws RangeError
 */
export function parseQuery(text: string, context: QueryContext): QueryParse {
  const reading = read(text, context);
  if (reading.kind === "refusal") return { kind: "problem", problem: reading.problem };
  return { kind: "query", query: reading.query, readAs: reading.echo };
}

function read(text: string, context: QueryContext): Reading | Refusal {
  if (Buffer.byteLength(text) > queryBytesMax) {
    return refuse("bad_value", 0, `a query has at most ${queryBytesMax} bytes`);
  }
  const tokens = tokensOf(text);
  if ("kind" in tokens) return tokens;
  if (tokens.length === 0) {
    return text.trim() === ""
      ? everything()
      : refuse("bad_value", 0, "there is neither letter nor digit to search for");
  }
  const parser = new Parser(tokens, text.length, context);
  const reading = parser.alternatives("and", "", 0);
  if (reading.kind === "refusal") return reading;
  const rest = parser.peek();
  if (rest !== undefined) return refuse("unbalanced", rest.column, "this bracket closes nothing");
  const terms = termsIn(reading.query);
  if (terms > queryTermsMax) return refuse("bad_value", 0, `a query has at most ${queryTermsMax} terms, not ${terms}`);
  return reading;
}

function everything(): Reading {
  return term({ kind: "all" }, "everything");
}

/** Recursive descent over the tokens; every level of recursion is a bracket, and those are bounded. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #context: QueryContext;
  #at = 0;

  constructor(tokens: readonly Token[], end: number, context: QueryContext) {
    this.#tokens = tokens;
    this.#end = end;
    this.#context = context;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  /** Up to a closing bracket or the end; a blank between two terms means `blank`, words alone are of `operator`. */
  alternatives(blank: "and" | "or", operator: string, depth: number): Reading | Refusal {
    const branches: Reading[][] = [[]];
    for (;;) {
      const reading = this.#negatable(operator, depth);
      if (reading.kind === "refusal") return reading;
      branches.at(-1)!.push(reading);
      const next = this.peek();
      if (next === undefined || next.kind === "close") break;
      const isWritten = next.kind === "and" || next.kind === "or";
      if (isWritten) this.#at++;
      if ((isWritten ? next.kind : blank) === "or") branches.push([]);
    }
    return joined(
      "or",
      branches.map((branch) => joined("and", branch)),
    );
  }

  #negatable(operator: string, depth: number): Reading | Refusal {
    let isNegated = false;
    for (; this.peek()?.kind === "not"; this.#at++) isNegated = !isNegated;
    const reading = this.#single(operator, depth);
    return isNegated && reading.kind === "reading" ? negated(reading) : reading;
  }

  #single(operator: string, depth: number): Reading | Refusal {
    const token = this.peek();
    if (token?.kind === "open") return this.#group(token, operator, depth + 1);
    if (token?.kind === "operator") return this.#operator(token, operator, depth);
    if (token?.kind === "value") return this.#value(token, operator);
    if (token?.kind === "close" && this.#tokens[this.#at - 1]?.kind === "open") {
      return refuse("empty_value", token.column, "there is nothing between these brackets");
    }
    if (token?.kind === "close") return refuse("unbalanced", token.column, "this bracket comes too early");
    const what = token === undefined ? "the end" : token.kind.toUpperCase();
    return refuse("unbalanced", token?.column ?? this.#end, `a term is missing before ${what}`);
  }

  #group(open: Token & { kind: "open" }, operator: string, depth: number): Reading | Refusal {
    if (depth > queryDepthMax) return refuse("bad_value", open.column, `brackets nest at most ${queryDepthMax} deep`);
    this.#at++;
    const reading = this.alternatives(open.bracket === "(" ? "and" : "or", operator, depth);
    if (reading.kind === "refusal") return reading;
    const close = this.peek();
    if (close?.kind !== "close" || close.bracket !== open.bracket) {
      return refuse("unbalanced", open.column, "this bracket is never closed");
    }
    this.#at++;
    return reading;
  }

  #operator(token: Token & { kind: "operator" }, outer: string, depth: number): Reading | Refusal {
    this.#at++;
    if (outer !== "") return refuse("bad_value", token.column, `${token.name}: cannot stand inside ${outer}:( )`);
    const next = this.peek();
    if (token.isFilled && next?.kind === "open") return this.#group(next, token.name, depth + 1);
    if (token.isFilled && next?.kind === "value") return this.#value(next, token.name);
    const suggestion = next?.kind === "value" ? shown({ ...next, operator: token.name }) : null;
    return refuse("empty_value", token.column, `${token.name}: needs a value right behind the colon`, suggestion);
  }

  #value(token: Token & { kind: "value" }, operator: string): Reading | Refusal {
    this.#at++;
    if (operator === "" && token.text === "*" && !token.isQuoted) return everything();
    return readValue({ ...token, operator }, this.#context);
  }
}

function termsIn(query: Query): number {
  let terms = 0;
  const left = [query];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (part.kind === "and" || part.kind === "or") left.push(...part.parts);
    else if (part.kind === "not") left.push(part.part);
    else terms += part.kind === "text" ? part.words.length : 1;
  }
  return terms;
}
