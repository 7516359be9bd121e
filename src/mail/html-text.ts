import { decodeEntities } from "./entities.ts";
import { textCharsMax } from "./limits.ts";

/**
 * The text of an HTML document as a reader would see it, roughly: scripts, styles, comments and tags are gone,
 * entities are decoded, blocks stand on lines of their own, white space runs are one space.
 *
 * One forward scan, no recursion; at most {@link textCharsMax} characters. Never to be used as HTML again.
 */
export function htmlToText(html: string): string {
  const out = new TextBuilder();
  let at = 0;
  while (at < html.length && out.length < textCharsMax) {
    const open = html.indexOf("<", at);
    if (open < 0) break;
    if (open > at) out.text(html.slice(at, open));
    at = afterMarkup(html, open, out);
  }
  if (at < html.length) out.text(html.slice(at, at + textCharsMax));
  return out.done().slice(0, textCharsMax).toWellFormed();
}

/** Steps over the markup that begins at `open`; what only looks like markup is text. */
function afterMarkup(html: string, open: number, out: TextBuilder): number {
  if (html.startsWith("<!--", open)) {
    const end = html.indexOf("-->", open + 2);
    return end < 0 ? html.length : end + 3;
  }
  const sign = html.charCodeAt(open + 1);
  const isClosing = sign === slash;
  const nameStart = isClosing ? open + 2 : open + 1;
  if (!isLetter(html.charCodeAt(nameStart))) {
    if (sign === exclamation || sign === question || isClosing) return afterTag(html, open);
    out.text("<");
    return open + 1;
  }
  let nameEnd = nameStart;
  while (nameEnd - nameStart < nameCharsMax && isNameSign(html.charCodeAt(nameEnd))) nameEnd += 1;
  const name = html.slice(nameStart, nameEnd).toLowerCase();
  const end = afterTag(html, nameEnd);
  if (!isClosing && hiddenNames.has(name)) return afterHidden(html, name, end);
  if (blockNames.has(name)) out.line();
  else if (cellNames.has(name)) out.space();
  return end;
}

/** Past the `>` that ends a tag; one within a quoted attribute value (right after an equals sign) does not. */
function afterTag(html: string, start: number): number {
  let isAfterEquals = false;
  for (let at = start; at < html.length; at += 1) {
    const sign = html.charCodeAt(at);
    if (sign === greaterThan) return at + 1;
    if (isAfterEquals && (sign === doubleQuote || sign === singleQuote)) {
      const close = html.indexOf(html[at]!, at + 1);
      if (close > 0) at = close;
    }
    isAfterEquals = sign === equals || (isAfterEquals && isSpace(sign));
  }
  return html.length;
}

/** Past the closing tag of an element whose content is not text for people. */
function afterHidden(html: string, name: string, start: number): number {
  const closing = name === "script" ? /<\/script/gi : /<\/style/gi;
  closing.lastIndex = start;
  const found = closing.exec(html);
  return found === null ? html.length : afterTag(html, found.index + 2);
}

/** Gathers text with white space collapsed as it comes. */
class TextBuilder {
  #text = "";
  #gap: "" | " " | "\n" = "";

  get length(): number {
    return this.#text.length;
  }

  text(raw: string): void {
    const text = decodeEntities(raw).replace(/[\s\u00a0]+/g, " ");
    const hasLead = text.startsWith(" ");
    if (hasLead) this.space();
    const words = text.slice(hasLead ? 1 : 0, text.endsWith(" ") ? -1 : undefined);
    if (words === "") return;
    this.#text += this.#text === "" ? words : this.#gap + words;
    this.#gap = "";
    if (text.endsWith(" ")) this.space();
  }

  space(): void {
    if (this.#gap === "") this.#gap = " ";
  }

  line(): void {
    this.#gap = "\n";
  }

  done(): string {
    return this.#text;
  }
}

const hiddenNames = new Set(["script", "style"]);
const cellNames = new Set(["td", "th", "img", "input", "option"]);
const blockNames = new Set([
  ..."address article aside blockquote body br caption center dd details dir div dl dt fieldset figcaption figure".split(
    " ",
  ),
  ..."footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol optgroup p pre section".split(" "),
  ..."select summary table tbody tfoot thead title tr ul textarea".split(" "),
]);
/** No element has a longer name; longer ones are unknown and treated alike. */
const nameCharsMax = 12;

const slash = 0x2f;
const exclamation = 0x21;
const question = 0x3f;
const equals = 0x3d;
const greaterThan = 0x3e;
const doubleQuote = 0x22;
const singleQuote = 0x27;

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function isNameSign(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39);
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
