import { fold } from "#core/index.ts";
import { analyse, analyseAddress, isUnspaced } from "#query/index.ts";
import type { SearchDocument } from "./search-index.ts";

/** Where the tokens of a document are kept apart. `keys` holds what is compared whole: ids, digests, marks. */
export const columns = [
  "subject",
  "body",
  "filename",
  "from",
  "envelope-from",
  "to",
  "cc",
  "bcc",
  "envelope-to",
  "envelope-bcc",
  "keys",
] as const;
/** One of {@link columns}. */
export type Column = (typeof columns)[number];

/** Stands between two values of one column, so that no phrase runs from one into the other. Never part of a query. */
const gapToken = "|";
/** A token that every document has, and one that none has. */
export const everyToken = "=every";
export const noToken = "=no";

/** Longest Message-ID compared, in UTF-16 units: a header line at its limit (RFC 5322 §2.1.1). */
const messageIdLengthMax = 998;

/** A document as every engine indexes it: tokens without blanks, in order, for each column. */
export type TokensByColumn = Readonly<Record<Column, readonly string[]>>;

/** The tokens of a document. The same document always gives the same tokens, whatever the engine. */
export function tokensByColumn(document: SearchDocument): TokensByColumn {
  return {
    subject: textTokens([document.subject]),
    body: textTokens([document.text]),
    filename: spaced(document.filenames.map(filenameTokens)),
    from: addressTokens(document.from),
    "envelope-from": addressTokens(document.envelopeFrom),
    to: addressTokens(document.headerTo),
    cc: addressTokens(document.headerCc),
    bcc: addressTokens(document.headerBcc),
    "envelope-to": addressTokens(document.envelopeTo),
    "envelope-bcc": addressTokens(document.envelopeBcc),
    keys: [
      everyToken,
      keyToken("id", document.message),
      ...(document.messageId === null ? [] : [keyToken("message-id", document.messageId)]),
      ...document.sha256.map((digest) => keyToken("sha256", digest)),
      ...document.connectors.map((connector) => keyToken("connector", connector)),
      ...document.marks.map((mark) => keyToken("mark", mark)),
    ],
  };
}

/** The token of a value that is compared whole; a leading `=` keeps it apart from every word. */
export function keyToken(kind: "id" | "message-id" | "sha256" | "connector" | "mark", value: string): string {
  const bare = kind === "message-id" ? value.trim().replace(/^<(.*)>$/s, "$1") : value;
  const token = fold(bare).replace(/[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]+/gu, "");
  return `=${kind}:${token.slice(0, messageIdLengthMax).toWellFormed()}`;
}

function addressTokens(values: readonly string[]): string[] {
  return spaced(values.map((value) => withLastCharacters(analyseAddress(value))));
}

function textTokens(values: readonly string[]): string[] {
  return spaced(values.map((value) => withLastCharacters(analyse(value))));
}

/** The words of a file name, then `.pdf`: what `*.pdf` asks for. */
function filenameTokens(name: string): string[] {
  const extension = /\.([^.]*)$/.exec(name)?.[1] ?? "";
  const words = analyse(extension);
  return [...withLastCharacters(analyse(name)), ...(words.length === 0 ? [] : ["." + words.join("")])];
}

/**
 * In scripts without spaces a lone character is looked for as the beginning of a pair. The last one of a run begins no
 * pair, so it is added behind the text.
 */
function withLastCharacters(tokens: string[]): string[] {
  if (!isUnspaced(tokens.join(""))) return tokens;
  const first = new Set<string>();
  const last = new Set<string>();
  for (const token of tokens) {
    if (!isUnspaced(token)) continue;
    const characters = [...token];
    first.add(characters[0]!);
    last.add(characters.at(-1)!);
  }
  const added = [...last].filter((character) => !first.has(character));
  return [...tokens, ...added.flatMap((character) => [gapToken, character])];
}

function spaced(values: readonly (readonly string[])[]): string[] {
  return values.flatMap((tokens, index) => (index === 0 ? tokens : [gapToken, ...tokens]));
}
