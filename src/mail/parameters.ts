import { decodeCharset } from "./charset.ts";
import { decodeWords } from "./header-text.ts";

/** One parameter as written: the name lower-cased, quotes and escapes undone, nothing decoded. */
export interface Parameter {
  name: string;
  value: string;
}

/** A structured field: the value before the first semicolon, and every parameter in order, repeats included. */
export interface Parameterized {
  value: string;
  parameters: Parameter[];
}

/**
 * Splits a structured field such as Content-Type into value and parameters. One pass; comments are dropped, an
 * unclosed quote ends with the field.
 *
 * @see RFC 2045 §5.1
 */
export function splitParameters(text: string): Parameterized {
  const pieces = splitOutsideQuotes(text);
  const parameters: Parameter[] = [];
  for (const piece of pieces.slice(1)) {
    const equals = piece.indexOf("=");
    if (equals < 1) continue;
    parameters.push({
      name: piece.slice(0, equals).trim().toLowerCase(),
      value: unquote(piece.slice(equals + 1).trim()),
    });
  }
  return { value: unquote(pieces[0]!.trim()), parameters };
}

/**
 * All values that parameters give for `name`, decoded, the most telling form first: the extended form
 * (`name*`, `name*0*` …, RFC 2231), then the plain one with encoded words, which RFC 2047 §5 forbids and mail has.
 */
export function parameterValues(parameters: readonly Parameter[], name: string): string[] {
  const extended = joinExtended(parameters, name);
  const plain = parameters.filter((each) => each.name === name).map((each) => decodeWords(each.value));
  return extended === null ? plain : [extended, ...plain];
}

function splitOutsideQuotes(text: string): string[] {
  if (!/["\\(]/.test(text)) return text.split(";");
  const pieces: string[] = [];
  let kept = "";
  let from = 0;
  let isQuoted = false;
  let commentDepth = 0;
  const lastParenthesis = text.lastIndexOf(")");
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === "\\" && (isQuoted || commentDepth > 0)) at += 1;
    else if (isQuoted) isQuoted = sign !== '"';
    else if (sign === "(" && (commentDepth > 0 || (at < lastParenthesis && opensComment(text, at)))) {
      if (commentDepth === 0) kept += text.slice(from, at);
      commentDepth += 1;
    } else if (sign === ")" && commentDepth > 0) {
      commentDepth -= 1;
      if (commentDepth === 0) from = at + 1;
    } else if (commentDepth > 0) continue;
    else if (sign === '"') isQuoted = true;
    else if (sign === ";") {
      pieces.push(kept + text.slice(from, at));
      kept = "";
      from = at + 1;
    }
  }
  pieces.push(commentDepth > 0 ? kept : kept + text.slice(from));
  return pieces;
}

/** `Invoice(1).pdf` is a name; a comment stands at the start or behind something that ends a token. */
function opensComment(text: string, at: number): boolean {
  return at === 0 || /[\s;")(]/.test(text[at - 1]!);
}

/** Without quotes and escapes. What follows a closing quote is no part of the value (RFC 2045 §5.1). */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  let value = "";
  for (let at = 1; at < text.length; at += 1) {
    const sign = text[at]!;
    if (sign === '"') break;
    if (sign === "\\" && at + 1 < text.length) {
      const next = text[at + 1]!;
      // Names like "C:\temp\x" come unescaped: only a quote or a backslash is taken for an escaped sign.
      if (next === '"' || next === "\\") at += 1;
      value += text[at]!;
    } else value += sign;
  }
  return value;
}

interface Segment {
  order: number;
  isEncoded: boolean;
  value: string;
}

function joinExtended(parameters: readonly Parameter[], name: string): string | null {
  const segments: Segment[] = [];
  for (const parameter of parameters) {
    if (!parameter.name.startsWith(name + "*")) continue;
    const suffix = /^\*(\d{1,5})?(\*)?$/.exec(parameter.name.slice(name.length));
    if (suffix === null) continue;
    const isEncoded = suffix[1] === undefined || suffix[2] !== undefined;
    segments.push({ order: Number(suffix[1] ?? 0), isEncoded, value: parameter.value });
  }
  if (segments.length === 0) return null;
  segments.sort((a, b) => a.order - b.order);
  return decodeSegments(segments);
}

/** The charset stands once, in the first segment; characters may be cut between segments, so bytes are joined first. */
function decodeSegments(segments: Segment[]): string {
  const first = segments[0]!;
  const marked = first.isEncoded ? /^([^']{0,100})'[^']{0,100}'/.exec(first.value) : null;
  if (marked !== null) first.value = first.value.slice(marked[0].length);
  if (!segments.some((each) => each.isEncoded)) return decodeWords(segments.map((each) => each.value).join(""));
  const bytes = Buffer.concat(
    segments.map((each) => (each.isEncoded ? percentDecode(each.value) : Buffer.from(each.value))),
  );
  return decodeCharset(bytes, marked?.[1] || null).text;
}

function percentDecode(text: string): Buffer {
  const bytes: Buffer[] = [];
  for (const piece of text.split(/((?:%[0-9a-f]{2})+)/i)) {
    bytes.push(/^%[0-9a-f]{2}/i.test(piece) ? Buffer.from(piece.replaceAll("%", ""), "hex") : Buffer.from(piece));
  }
  return Buffer.concat(bytes);
}
