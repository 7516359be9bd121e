import { analyse } from "./analyse.ts";
import { editDistance, nearest } from "./nearest.ts";
import { operatorNames } from "./operators.ts";
import { type Refusal, refuse } from "./reading.ts";

/** A piece of a query text; `column` counts UTF-16 units from 0. */
export type Token =
  | { kind: "open"; bracket: "(" | "{"; column: number }
  | { kind: "close"; bracket: "(" | "{"; column: number }
  | { kind: "and" | "or" | "not"; column: number }
  /** A name before a colon; `isFilled` when its value or group follows without a blank. */
  | { kind: "operator"; name: string; isFilled: boolean; column: number }
  | { kind: "value"; text: string; isQuoted: boolean; isPrefix: boolean; column: number };

/**
 * Splits a query text into tokens.
 *
 * A word with a colon is an operator, known or not, when two or more ASCII letters, hyphens or underscores stand before the
 * colon. Text it is:
 * - when anything else stands there (`12:30`, `md5:x`, `C:\path`, `Größe:3`; `sha256:` is known), or when the colon is
 *   followed by another or by `//` (`fe80::1`, `std::map`, `http://x`);
 * - when nothing follows the colon and the name is no operator, since subjects are pasted (`Re: contract`); but a name of
 *   four letters or more that is one slip away from an operator is refused (`form: anna`).
 *
 * Words of nothing but punctuation (`&`, `--`) are left out. Curly quotation marks count as straight ones.
 */
export function tokensOf(text: string): Token[] | Refusal {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const next = tokenAt(text, at);
    if ("kind" in next) return next;
    tokens.push(...next.tokens);
    at = next.end;
  }
  return tokens;
}

interface Lexed {
  tokens: Token[];
  end: number;
}

const blanks = /\s+/uy;
const bracket = /[(){}]/y;
const quoted = /["“”„]([^"“”„]*)(["“”„]?)(\*?)(~\d*)?/y;
const minuses = /-+(?=[\p{L}\p{N}<@*."“”„({])/uy;
const bareWord = /[^\s(){}"“”„]+/y;
const compared = /^(sent|date|size)([<>]=?.*)$/i;
const operatorShape = /^([A-Za-z][A-Za-z0-9_-]+):(?!:|\/\/)/;

function tokenAt(text: string, column: number): Lexed | Refusal {
  const found = (pattern: RegExp) => {
    pattern.lastIndex = column;
    return pattern.exec(text);
  };
  const blank = found(blanks);
  if (blank !== null) return { tokens: [], end: column + blank[0].length };
  const edge = found(bracket)?.[0];
  if (edge !== undefined) {
    const kind = edge === "(" || edge === "{" ? "open" : "close";
    return { tokens: [{ kind, bracket: edge === "(" || edge === ")" ? "(" : "{", column }], end: column + 1 };
  }
  const phrase = found(quoted);
  if (phrase !== null) return phraseToken(phrase, column);
  const minus = found(minuses)?.[0];
  if (minus !== undefined) {
    return { tokens: minus.length % 2 === 1 ? [{ kind: "not", column }] : [], end: column + minus.length };
  }
  return wordTokens(text, found(bareWord)![0], column);
}

function phraseToken(match: RegExpExecArray, column: number): Lexed | Refusal {
  const [whole, text, close, star, distance] = match;
  if (close === "") return refuse("unbalanced", column, "this quotation mark is never closed", `${whole}"`);
  if (distance !== undefined) return refuse("bad_value", column, "words near each other cannot be asked for", whole);
  const token = { kind: "value", text: text!, isQuoted: true, isPrefix: star === "*", column } as const;
  return { tokens: [token], end: column + whole.length };
}

function wordTokens(text: string, word: string, column: number): Lexed | Refusal {
  const end = column + word.length;
  if (word === "AND" || word === "OR" || word === "NOT") {
    return { tokens: [{ kind: word.toLowerCase() as "and" | "or" | "not", column }], end };
  }
  if (/^(NEAR|AROUND|ONEAR)(\/\d+)?$/.test(word) && (word.includes("/") || text[end] === "(")) {
    return refuse("bad_value", column, `${word} cannot be asked for; a phrase in quotation marks can`);
  }
  const comparison = compared.exec(word);
  if (comparison !== null) {
    const [, name, value] = comparison;
    const operator = { kind: "operator", name: name!.toLowerCase(), isFilled: true, column } as const;
    return { tokens: [operator, valueToken(value!, column + name!.length)], end };
  }
  const shape = operatorShape.exec(word);
  if (shape === null) return { tokens: textTokens(word, column), end };
  return operatorTokens(text, word, shape[1]!, column);
}

function operatorTokens(text: string, word: string, written: string, column: number): Lexed | Refusal {
  const name = written.toLowerCase();
  const value = word.slice(written.length + 1);
  const end = column + word.length;
  const follows = text[end];
  const isFilled = value !== "" || (follows !== undefined && /[({"“”„]/.test(follows));
  if (!operatorNames.includes(name)) {
    if (/\d/.test(name)) return { tokens: textTokens(word, column), end };
    const isSlip = name.length >= 4 && operatorNames.some((known) => editDistance(name, known) === 1);
    if (!isFilled && !isSlip) return { tokens: textTokens(word, column), end };
    const meant = nearest(name, operatorNames);
    const suggestion = meant === null ? `"${word}"` : `${meant}:${value}`;
    return refuse("unknown_operator", column, `there is no operator ${written}:`, suggestion);
  }
  const operator = { kind: "operator", name, isFilled, column } as const;
  const tokens: Token[] = value === "" ? [operator] : [operator, valueToken(value, column + written.length + 1)];
  return { tokens, end };
}

function valueToken(text: string, column: number): Token {
  return { kind: "value", text, isQuoted: false, isPrefix: false, column };
}

function textTokens(word: string, column: number): Token[] {
  const isSearchable = word.includes("*") || analyse(word).length > 0;
  return isSearchable ? [valueToken(word, column)] : [];
}
