/** A piece of an address field: words, a quoted string with its quotes, a comment without its parentheses, or a sign. */
export interface AddressToken {
  kind: "words" | "quoted" | "comment" | "sign";
  text: string;
}

/**
 * Cuts an address field into tokens, in one pass and without recursion: comments nest, a backslash escapes. A quote or
 * parenthesis that nothing can close is an ordinary character; an encoded word is never cut.
 *
 * @see RFC 5322 §3.2
 */
export function* addressTokens(text: string): Generator<AddressToken> {
  const lastQuote = text.lastIndexOf('"');
  const lastParenthesis = text.lastIndexOf(")");
  let at = 0;
  while (at < text.length) {
    const sign = text[at]!;
    let end = at + 1;
    if (sign === '"' && at < lastQuote) {
      end = quotedEnd(text, at);
      yield { kind: "quoted", text: text.slice(at, end) };
    } else if (sign === "(" && at < lastParenthesis) {
      end = commentEnd(text, at);
      yield { kind: "comment", text: text.slice(at + 1, end - 1) };
    } else if (separators.has(sign)) yield { kind: "sign", text: sign };
    else {
      end = wordsEnd(text, at);
      yield { kind: "words", text: text.slice(at, end) };
    }
    at = end;
  }
}

const separators = new Set([",", ";", ":", "<", ">"]);
const wordStops = new Set([...separators, '"', "("]);

/** Past the quote that closes the one at `start`, or the end of the text. */
function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** Past the parenthesis that closes the one at `start`, or the end of the text. */
function commentEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "(") depth += 1;
    else if (text[at] === ")") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** Where plain words that begin at `start` end; the sign at `start` itself is plain whatever it is. */
function wordsEnd(text: string, start: number): number {
  let at = start;
  do {
    at = text[at] === "=" && text[at + 1] === "?" ? encodedWordEnd(text, at) : at + 1;
  } while (at < text.length && !wordStops.has(text[at]!));
  return at;
}

const encodedWord = /=\?[^?\s]{1,80}\?[bq]\?[^?]*\?=/iy;

function encodedWordEnd(text: string, start: number): number {
  encodedWord.lastIndex = start;
  return encodedWord.test(text) ? encodedWord.lastIndex : start + 1;
}
