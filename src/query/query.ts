import type { Instant } from "#core/index.ts";

/** The field a term is looked for in. `any` is subject, text, addresses, filenames. */
export type QueryField =
  | "any"
  | "subject"
  | "body"
  | "from" // header From/Sender or envelope sender
  | "to" // header To
  | "cc"
  | "bcc" // header Bcc or envelope-only bcc
  | "header-to" // header To, Cc, Bcc
  | "recipient" // envelope and header recipients, expansion included
  | "envelope-to"
  | "envelope-from"
  | "participants" // from or recipient
  | "domain" // any participant's domain
  | "filename"
  | "message-id"
  | "sha256"
  | "id"
  | "connector";

/** A search, as a tree of our own: never an engine's syntax. */
export type Query =
  | { kind: "all" }
  | { kind: "and"; parts: Query[] }
  | { kind: "or"; parts: Query[] }
  | { kind: "not"; part: Query }
  /** `words` in this order and adjacent; more than one is a phrase. `prefix` applies to the last word. */
  | { kind: "text"; field: QueryField; words: string[]; prefix: boolean }
  /** Sent within [from, before); null is open. */
  | { kind: "sent"; from: Instant | null; before: Instant | null }
  /** Size of the message in bytes, within [min, max]; null is open. */
  | { kind: "size"; min: number | null; max: number | null }
  /** is: and has:. */
  | { kind: "mark"; mark: string };

/** Why a text is no query, at which column (from 0), and what was probably meant. */
export interface QueryProblem {
  code: "unknown_operator" | "bad_date" | "empty_value" | "unbalanced" | "bad_value";
  column: number;
  message: string;
  suggestion: string | null;
}

/** A query with the words it is read as, or why the text is none. */
export type QueryParse = { kind: "query"; query: Query; readAs: string } | { kind: "problem"; problem: QueryProblem };
