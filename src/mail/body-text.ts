import { behindPadding, hasJunk, otherBase64Readings } from "./base64.ts";
import type { CharsetReading } from "./charset.ts";
import { isMessage, isMultipart, type Kind } from "./content.ts";
import type { NoteDefect } from "./defects.ts";
import { decodeWords, fieldText, oneLine } from "./header-text.ts";
import { htmlToText } from "./html-text.ts";
import { headerFieldBytesMax, readingBytesFactorMax, readingsMax, textCharsMax, viewCharsMax } from "./limits.ts";
import { textOf } from "./part-text.ts";
import type { Span } from "./reading.ts";
import { decodeBody, isEncoding } from "./transfer-encoding.ts";
import { type Node, type Walk, walk } from "./walk.ts";

/** What people read of a message. */
export interface BodyText {
  text: string;
  html: string | null;
  plain: string | null;
}

/**
 * Gathers the text of a walked message, then of every further reading that an ambiguous or encoded container allows,
 * so that no reader sees words which search does not find.
 *
 * Of alternatives the plain one counts, and of the HTML what it says beyond that: a stub ("your client cannot show
 * HTML") or a harmless plain part hides nothing.
 *
 * @param hint a charset for text that names none; null when there is none
 */
export function readBodyText(bytes: Buffer, walked: Walk, hint: string | null, note: NoteDefect): BodyText {
  const found: Found = { pieces: [], charsLeft: textCharsMax, html: null, plain: null, further: [], hint };
  gather({ bytes, walked, found, note, isFurther: false });
  readFurther(found, bytes.length, note);
  return { text: found.pieces.join("\n"), html: found.html, plain: found.plain };
}

/** A stretch of bytes to be read once more, in another way. */
interface FurtherReading {
  bytes: Buffer;
  start: number;
  depth: number;
  body: Kind | null;
  /** Where in the message it comes from: defects in decoded bytes have no other place. */
  at: number;
}

/** What has been found so far, over all readings. */
interface Found {
  pieces: string[];
  charsLeft: number;
  html: string | null;
  plain: string | null;
  further: FurtherReading[];
  /** A charset for text that names none; null when the message names none either. */
  hint: string | null;
}

/** One reading of the message, or of a stretch of it. */
interface Reading {
  bytes: Buffer;
  walked: Walk;
  found: Found;
  note: NoteDefect;
  isFurther: boolean;
}

function readFurther(found: Found, messageBytes: number, note: NoteDefect): void {
  let bytesLeft = readingBytesFactorMax * Math.max(messageBytes, smallBytes);
  for (let index = 0; index < found.further.length; index += 1) {
    const { bytes, start, depth, body, at } = found.further[index]!;
    bytesLeft -= bytes.length - start;
    if (index >= readingsMax || bytesLeft < 0) {
      note("readings_excess", at);
      return;
    }
    const noteHere: NoteDefect = (code) => note(code, at);
    const walked = walk(bytes, { start, depth, body }, noteHere);
    gather({ bytes, walked, found, note: noteHere, isFurther: true });
  }
}

/** Messages smaller than this may be read as often as `readingsMax` says. */
const smallBytes = 64 * 1024;
/** Encoded bytes looked at of one part: enough for `textCharsMax` characters in any encoding, and no more. */
const encodedBytesMax = 6 * textCharsMax;

function gather(reading: Reading): void {
  const { found, walked } = reading;
  const plainByAlternative = new Map<Node, PlainWords>();
  for (const node of walked.nodes) {
    planFurther(reading, node);
    // Those of the outermost message are searched as fields of their own.
    if (reading.isFurther || node.parent !== null) addShownFields(reading, node);
    if (!hasReadableText(node)) {
      noteJunk(reading, node);
      continue;
    }
    const view = viewOf(reading, node);
    if (found.charsLeft <= 0 && view === null) continue;
    const { text, asUtf8, junk } = readText(reading, node);
    if (junk !== null) addOtherBase64(reading, junk, text, node);
    if (asUtf8 !== null) addFurther(reading, asUtf8, node);
    if (view !== null) found[view] = cut(reading, text, viewCharsMax, node);
    const alternative = alternativeAround(node);
    const plain = alternative === null ? undefined : plainByAlternative.get(alternative);
    if (node.kind.type === "text/html") addHtml(reading, text, node, plain);
    else {
      add(reading, text, node);
      if (plain !== undefined) plain.uncounted.push(text);
      else if (alternative !== null) plainByAlternative.set(alternative, { known: new Set(), uncounted: [text] });
    }
  }
  for (const node of walked.nodes) for (const span of node.loose) addLoose(reading, span, node);
}

/** Which view of the message this part is the first to fill, if any. */
function viewOf({ found, isFurther }: Reading, node: Node): "html" | "plain" | null {
  if (isFurther || node.isNested) return null;
  if (node.kind.type === "text/html") return found.html === null ? "html" : null;
  return node.kind.type === "text/plain" && found.plain === null ? "plain" : null;
}

function planFurther({ bytes, found, note }: Reading, node: Node): void {
  const { part, kind, others, loose } = node;
  const { start, end } = part.body;
  for (const body of others) {
    found.further.push({ bytes: bytes.subarray(0, end), start, depth: part.depth, body, at: start });
  }
  if (!part.isContainer || !isEncoding(kind.encoding)) return;
  // A multipart that is encoded as a whole shows no boundary: all of its body is loose.
  const isWhole = isMultipart(kind.type) && loose.some((span) => span.start === start && span.end === end);
  const isEncodedMessage = isMessage(kind.type) && part.encoding === kind.encoding;
  if (!isWhole && !isEncodedMessage) return;
  const decoded = decodeBody(bytes.subarray(start, end), kind.encoding);
  if (decoded.defect !== null) note(decoded.defect, start);
  const body = isMessage(kind.type) ? null : { ...kind, encoding: "8bit" };
  found.further.push({ bytes: decoded.bytes, start: 0, depth: part.depth + 1, body, at: start });
}

/** Text for people: text parts but attachments, and the machine-written parts of reports. */
function hasReadableText({ part, kind, parent }: Node): boolean {
  if (part.isContainer) return false;
  if (part.disposition === "attachment" && parent !== null && isMultipart(parent.kind.type)) return false;
  return (kind.type.startsWith("text/") && !machineTypes.has(kind.type)) || kind.type.startsWith("message/");
}

/** Text only by name. */
const machineTypes = new Set(["text/css", "text/rtf", "text/richtext", "text/javascript"]);

/** `junk`: the encoded bytes, where there is junk in them. */
function readText({ bytes, found, note }: Reading, node: Node): CharsetReading & { junk: Buffer | null } {
  const { start, end } = node.part.body;
  const isCut = end - start > encodedBytesMax;
  if (isCut) note("text_truncated", start);
  const body = bytes.subarray(start, Math.min(end, start + encodedBytesMax));
  const decoded = decodeBody(body, node.part.encoding);
  if (decoded.defect !== null) note(decoded.defect, start);
  const reading = textOf(decoded.bytes, node.part, found.hint);
  if (reading.label === "unknown") note("charset_unknown", start);
  if (reading.label === "mismatch" && !isCut) note("charset_mismatch", start);
  return { ...reading, junk: decoded.defect === "base64_junk" ? body : null };
}

/** Decoders do not agree about base64 with junk in it: what any of them shows is searched. */
function addOtherBase64(reading: Reading, body: Buffer, text: string, node: Node): void {
  reading.note("ambiguous", node.part.body.start);
  const others = otherBase64Readings(body).map((bytes) => textOf(bytes, node.part, reading.found.hint).text);
  const behind = textOf(behindPadding(body), { type: "text/plain", charset: null }, reading.found.hint).text;
  for (const other of [...others, behind])
    if (other !== text && /[\p{L}\p{N}]/u.test(other)) addFurther(reading, other, node);
}

/** What another reader takes for the text of this part: by its bytes where we go by its label, for instance. */
function addFurther(reading: Reading, text: string, node: Node): void {
  reading.note("ambiguous", node.part.body.start);
  add(reading, node.kind.type === "text/html" ? htmlToText(text) : text, node);
}

/** Attachments are not decoded here, but what hides in their encoding is worth a word. */
function noteJunk({ bytes, note }: Reading, { part }: Node): void {
  const { start, end } = part.body;
  if (part.isContainer || part.encoding !== "base64" || !hasJunk(bytes.subarray(start, end))) return;
  note("base64_junk", start);
  note("ambiguous", start);
}

function addHtml(reading: Reading, html: string, node: Node, plain: PlainWords | undefined): void {
  const text = htmlToText(html);
  const news = plain === undefined ? text : linesBeyond(text, plain);
  if (news !== "") add(reading, news, node);
}

/** Words of the plain texts of one alternative; each text is counted once, and only when there is HTML to compare. */
interface PlainWords {
  known: Set<string>;
  uncounted: string[];
}

/** The lines of `text` that have a word which the plain texts lack. */
function linesBeyond(text: string, plain: PlainWords): string {
  for (const other of plain.uncounted.splice(0)) {
    for (const word of wordsOf(other)) plain.known.add(word);
  }
  return text
    .split("\n")
    .filter((line) => wordsOf(line).some((word) => !plain.known.has(word)))
    .join("\n");
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** A message inside is found by its subject and people too, as its reader sees them. */
function addShownFields(reading: Reading, node: Node): void {
  const { hint } = reading.found;
  for (const field of node.shown) {
    if (reading.found.charsLeft <= 0) return;
    const text = oneLine(decodeWords(fieldText(reading.bytes, field, headerFieldBytesMax, reading.note, hint)));
    if (text !== "") add(reading, text, node);
  }
}

function addLoose(reading: Reading, span: Span, node: Node): void {
  if (reading.found.charsLeft <= 0) return;
  const raw = reading.bytes.subarray(span.start, Math.min(span.end, span.start + encodedBytesMax));
  const { text } = textOf(raw, { type: "text/plain", charset: null }, reading.found.hint);
  if (text.trim() !== "") add(reading, text.trim(), node);
}

function add(reading: Reading, text: string, node: Node): void {
  const { found } = reading;
  const kept = cut(reading, text, Math.max(0, found.charsLeft), node);
  found.pieces.push(kept);
  found.charsLeft -= kept.length + 1;
}

function cut({ note }: Reading, text: string, charsMax: number, node: Node): string {
  if (text.length <= charsMax) return text;
  note("text_truncated", node.part.body.start);
  return text.slice(0, charsMax).toWellFormed();
}

/** The multipart/alternative that `node` stands in, within its own message. */
function alternativeAround(node: Node): Node | null {
  let around = node.parent;
  while (around !== null && isMultipart(around.kind.type)) {
    if (around.kind.type === "multipart/alternative") return around;
    around = around.parent;
  }
  return null;
}
