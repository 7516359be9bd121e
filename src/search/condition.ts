import { addressToken, analyse, isUnspaced, type Query, type QueryField } from "#query/index.ts";
import { type Column, everyToken, keyToken, noToken } from "./columns.ts";
import { placeFrom } from "./place.ts";

/** A query in the terms an engine answers: tokens in columns, places, and sizes. Empty `and` is true, empty `or` false. */
export type Condition =
  | { kind: "and" | "or"; parts: Condition[] }
  | { kind: "not"; part: Condition }
  | Tokens
  /** Within [from, before). */
  | { kind: "places"; from: number; before: number }
  /** Bytes within [min, max]. */
  | { kind: "sizes"; min: number; max: number };

/** `tokens` adjacent and in this order in one of `columns`; with `isPrefix` the last may go on. */
export interface Tokens {
  kind: "tokens";
  /** Null is every column, which is only asked for with tokens that no other column can hold. */
  columns: readonly Column[] | null;
  tokens: readonly string[];
  isPrefix: boolean;
}

/** What `query` asks of every engine. The words are analysed again, so a query made by hand means the same as a read one. */
export function conditionOf(query: Query): Condition {
  switch (query.kind) {
    case "all":
      return { kind: "and", parts: [] };
    case "and":
    case "or":
      return { kind: query.kind, parts: query.parts.map(conditionOf) };
    case "not":
      return { kind: "not", part: conditionOf(query.part) };
    case "mark":
      return key(keyToken("mark", query.mark));
    case "size":
      return { kind: "sizes", min: query.min ?? 0, max: query.max ?? Number.MAX_SAFE_INTEGER };
    case "sent":
      return {
        kind: "places",
        from: query.from === null ? 0 : placeFrom(query.from),
        before: query.before === null ? Number.MAX_SAFE_INTEGER : placeFrom(query.before),
      };
    case "text":
      return textCondition(query.field, query.words, query.prefix);
  }
}

const sender = ["from", "envelope-from"] as const;
const receiver = ["to", "cc", "bcc", "envelope-to", "envelope-bcc"] as const;
const everyAddress: readonly Column[] = [...sender, ...receiver];
const runningText = ["subject", "body", "filename"] as const;

const columnsByField: Readonly<
  Record<Exclude<QueryField, "message-id" | "sha256" | "id" | "connector">, readonly Column[]>
> = {
  any: [...runningText, ...everyAddress],
  subject: ["subject"],
  body: ["body"],
  filename: ["filename"],
  from: sender,
  to: ["to"],
  cc: ["cc"],
  bcc: ["bcc", "envelope-bcc"],
  "header-to": ["to", "cc", "bcc"],
  recipient: receiver,
  "envelope-to": ["envelope-to", "envelope-bcc"],
  "envelope-from": ["envelope-from"],
  participants: everyAddress,
  domain: everyAddress,
};

function textCondition(field: QueryField, words: readonly string[], prefix: boolean): Condition {
  if (field === "message-id" || field === "sha256" || field === "id" || field === "connector") {
    return key(keyToken(field, words.join("")));
  }
  const inField = columnsByField[field];
  const special = words.length === 1 && /^(\S*@\S*|\.\S+)$/.test(words[0]!) ? addressToken(words[0]!) : null;
  if (special === null) return wordsIn(field === "any" ? null : inField, analyse(words.join(" ")), prefix);
  // Whole where addresses (or, for `.pdf`, file names) are kept, and as the words it consists of in running text.
  const isWhole = (column: Column) =>
    everyAddress.includes(column) || (field === "filename" && special.startsWith("."));
  const whole = inField.filter(isWhole);
  const text = inField.filter((column) => !isWhole(column));
  const parts: Condition[] = [];
  if (whole.length > 0) parts.push({ kind: "tokens", columns: whole, tokens: [special], isPrefix: prefix });
  if (text.length > 0) parts.push(wordsIn(text, analyse(special), prefix && !special.endsWith("@")));
  return parts.length === 1 ? parts[0]! : { kind: "or", parts };
}

function wordsIn(columns: readonly Column[] | null, tokens: readonly string[], prefix: boolean): Tokens {
  const last = tokens.at(-1);
  if (last === undefined) return key(noToken);
  const isLone = isUnspaced(last) && [...last].length === 1;
  return { kind: "tokens", columns, tokens, isPrefix: prefix || isLone };
}

function key(token: string): Tokens {
  return { kind: "tokens", columns: null, tokens: [token], isPrefix: false };
}

/** The condition that every document meets, as tokens: engines have no bare negation. */
export const every: Tokens = key(everyToken);
