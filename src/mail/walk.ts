import { type Content, isMessage, isMultipart, type Kind, readContent } from "./content.ts";
import type { NoteDefect } from "./defects.ts";
import { type Header, isFieldLine, readHeader } from "./header.ts";
import { boundaryBytesMax, depthMax, partsMax } from "./limits.ts";
import { contentEndBefore, type LineFinder, lineFinder } from "./lines.ts";
import type { HeaderField, MailPart, Span } from "./reading.ts";
import { isEncoding } from "./transfer-encoding.ts";

/** One part as the walk met it: what is published of it, and how it hangs together with the others. */
export interface Node {
  part: MailPart;
  kind: Kind;
  /** Further kinds that another reader may see in the same body. */
  others: Kind[];
  parent: Node | null;
  /** Whether it belongs to a message inside the message. */
  isNested: boolean;
  /** Of a multipart: bytes around its parts. Of any part: lines of its header that others take for the body. */
  loose: Span[];
  /** Of a message: the fields that its reader is shown. */
  shown: HeaderField[];
}

/** A walked stretch of bytes: its parts in order of position, the first being the whole. */
export interface Walk {
  nodes: Node[];
  /** Fields of the outermost header; empty when the walk began at a body. */
  fields: HeaderField[];
}

/**
 * Walks the MIME tree of `bytes` in one pass, without recursion and without copying a body.
 *
 * Looks at every line that begins with two hyphens and compares it with the boundaries of all open multiparts at once,
 * so that depth does not multiply the work; a boundary of an outer multipart ends the inner ones.
 *
 * @see RFC 2046 §5.1
 */
export function walk(bytes: Buffer, from: WalkStart, note: NoteDefect): Walk {
  const walker = new Walker(bytes, note);
  walker.run(from);
  return { nodes: walker.nodes, fields: walker.fields };
}

/** Where a walk begins: at the header of a message, or at a body whose kind is known. */
export interface WalkStart {
  start: number;
  /** Depth of the first part. */
  depth: number;
  body: Kind | null;
}

/** Where a part hangs in the tree. */
interface Place {
  path: string;
  depth: number;
  parent: Node | null;
  isNested: boolean;
}

/** An open container. A message has no delimiter; it ends with what is around it. */
interface Level {
  node: Node;
  delimiter: string | null;
  childCount: number;
  isClosed: boolean;
  /** Where the bytes begin that belong to no part: after the header, then after the closing boundary. */
  looseStart: number;
}

interface Delimiter {
  levelIndex: number;
  lineStart: number;
  next: number;
  isClosing: boolean;
}

class Walker {
  readonly nodes: Node[] = [];
  fields: HeaderField[] = [];
  readonly #bytes: Buffer;
  readonly #note: NoteDefect;
  readonly #lines: LineFinder;
  readonly #levels: Level[] = [];
  /** Open levels by delimiter, the innermost last: two may share one. */
  readonly #levelsByDelimiter = new Map<string, number[]>();
  readonly #candidates: { lf: number; cr: number } = { lf: -1, cr: -1 };
  #leaf: Node | null = null;

  constructor(bytes: Buffer, note: NoteDefect) {
    this.#bytes = bytes;
    this.#note = note;
    this.#lines = lineFinder(bytes);
  }

  run(from: WalkStart): void {
    let at = this.#begin(from);
    for (;;) {
      const delimiter = this.#nextDelimiter(at);
      if (delimiter === null) break;
      this.#closeDownTo(delimiter.levelIndex, contentEndBefore(this.#bytes, delimiter.lineStart));
      at = this.#pass(delimiter);
    }
    this.#closeDownTo(-1, this.#bytes.length);
  }

  #begin({ start, depth, body }: WalkStart): number {
    if (body === null) {
      const { header, content } = this.#readPart(this.#skipToHeader(start, true), "text/plain");
      this.fields = header.fields;
      return this.#open(header, content, { path: "", depth, parent: null, isNested: false });
    }
    const header: Header = { fields: [], span: { start, end: start }, bodyStart: start, stray: null };
    const content = { kind: body, others: [], disposition: null, filename: null, filenames: [], contentId: null };
    return this.#open(header, content, { path: "", depth, parent: null, isNested: false });
  }

  /** Steps over a delimiter: closes its multipart or opens the next part; returns where to look for the next. */
  #pass(delimiter: Delimiter): number {
    const level = this.#levels[delimiter.levelIndex]!;
    if (level.looseStart >= 0) this.#addLoose(level, contentEndBefore(this.#bytes, delimiter.lineStart));
    if (delimiter.isClosing) {
      level.isClosed = true;
      level.looseStart = delimiter.next;
      // A multipart around that has the same boundary takes over; otherwise a part may still follow by mistake.
      const isShared = this.#levelsByDelimiter.get(level.delimiter!)!.length > 1;
      if (isShared) this.#closeDownTo(delimiter.levelIndex - 1, delimiter.next);
      return delimiter.next;
    }
    if (level.isClosed) {
      this.#note("part_after_close", delimiter.lineStart);
      this.#note("ambiguous", delimiter.lineStart);
    }
    level.isClosed = false;
    level.looseStart = -1;
    level.childCount += 1;
    if (this.nodes.length >= partsMax) {
      // Delimiters are still looked for: a wrapped message ends where it ends, however many parts it has.
      this.#note("parts_exceeded", delimiter.lineStart);
      return delimiter.next;
    }
    const { part } = level.node;
    const path = part.path === "" ? `${level.childCount}` : `${part.path}.${level.childCount}`;
    const isDigest = level.node.kind.type === "multipart/digest";
    const { header, content } = this.#readPart(delimiter.next, isDigest ? "message/rfc822" : "text/plain");
    return this.#open(header, content, {
      path,
      depth: part.depth + 1,
      parent: level.node,
      isNested: level.node.isNested,
    });
  }

  #readPart(start: number, typeDefault: string): { header: Header; content: Content } {
    const header = readHeader(this.#bytes, start, this.#lines, this.#isDelimiterLine, this.#note);
    return { header, content: readContent(this.#bytes, header.fields, typeDefault, this.#note) };
  }

  /** Enters a part, and when it is a message in the clear, the messages within; returns where to look for delimiters. */
  #open(header: Header, content: Content, place: Place): number {
    let node = this.#add(header, content, place);
    let at = header.bodyStart;
    for (;;) {
      const { part, kind } = node;
      if (!part.isContainer) break;
      if (part.depth >= depthMax || this.nodes.length >= partsMax) {
        this.#note(part.depth >= depthMax ? "depth_exceeded" : "parts_exceeded", at);
        break;
      }
      if (isMultipart(kind.type)) {
        this.#openMultipart(node, at);
        return at;
      }
      if (!this.#isInClear(part)) break;
      this.#levels.push({ node, delimiter: null, childCount: 1, isClosed: true, looseStart: -1 });
      const inner = this.#readPart(this.#skipToHeader(at, false), "text/plain");
      const path = part.path === "" ? "0" : `${part.path}.0`;
      node = this.#add(inner.header, inner.content, { path, depth: part.depth + 1, parent: node, isNested: true });
      at = inner.header.bodyStart;
    }
    this.#leaf = node;
    return at;
  }

  #add(header: Header, content: Content, { path, depth, parent, isNested }: Place): Node {
    const { kind, others, ...names } = content;
    const isContainer = isMultipart(kind.type) || isMessage(kind.type);
    const { type, charset, encoding } = kind;
    const body = { start: header.bodyStart, end: header.bodyStart };
    const part: MailPart = { path, depth, header: header.span, body, type, charset, encoding, ...names, isContainer };
    if (kind.type === "message/partial") this.#note("message_partial", header.span.start);
    if (kind.type === "message/external-body") this.#note("external_body", header.span.start);
    const isMessageHeader = parent === null || isMessage(parent.kind.type);
    const shown = isMessageHeader ? header.fields.filter(({ name }) => shownFields.has(name)).slice(0, shownMax) : [];
    const node: Node = { part, kind, others, parent, isNested, loose: [], shown };
    if (header.stray !== null) node.loose.push(header.stray);
    this.nodes.push(node);
    return node;
  }

  #openMultipart(node: Node, at: number): void {
    if (isEncoding(node.part.encoding)) {
      this.#note("encoding_ignored", at);
      node.part.encoding = "8bit";
    }
    const boundary = node.kind.boundary ?? this.#guessBoundary(at);
    const delimiter = boundary === null ? null : "--" + toLatin1(boundary);
    if (delimiter !== null) {
      const sharing = this.#levelsByDelimiter.get(delimiter);
      if (sharing === undefined) this.#levelsByDelimiter.set(delimiter, [this.#levels.length]);
      else {
        this.#note("boundary_reused", at);
        this.#note("ambiguous", at);
        sharing.push(this.#levels.length);
      }
    }
    this.#levels.push({ node, delimiter, childCount: 0, isClosed: false, looseStart: at });
    this.#leaf = null;
  }

  /** Without a boundary, the first line of the body that is not empty may still show it. */
  #guessBoundary(bodyStart: number): string | null {
    this.#note("boundary_missing", bodyStart);
    let at = bodyStart;
    while (this.#bytes[at] === 0x0a || this.#bytes[at] === 0x0d) at += 1;
    const line = this.#bytes.toString("latin1", at, at + guessBytesMax).split(/[\r\n]/, 1)[0]!;
    return line.startsWith("--") && line.trimEnd().length > 2 && line.length < guessBytesMax
      ? line.trimEnd().slice(2)
      : null;
  }

  /** A message inside that claims to be encoded, but begins with a plain header field, is not. */
  #isInClear(part: MailPart): boolean {
    if (!isEncoding(part.encoding)) return true;
    if (part.encoding === "base64" && isFieldLine(this.#bytes, part.body.start)) {
      this.#note("encoding_ignored", part.body.start);
      part.encoding = "8bit";
      return true;
    }
    this.#note("message_encoded", part.body.start);
    return false;
  }

  /** Steps over what stands before a header and is no part of it: a byte order mark, an mbox line, white space. */
  #skipToHeader(start: number, isOutermost: boolean): number {
    let at = start;
    const bytes = this.#bytes;
    if (isOutermost && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) {
      this.#note("byte_order_mark", at);
      at += 3;
    }
    let afterBlank = at;
    while (isWhite(bytes[afterBlank])) afterBlank += 1;
    if (afterBlank > at && (isFieldLine(bytes, afterBlank) || isMboxLine(bytes, afterBlank))) {
      this.#note("blank_before_header", at);
      at = afterBlank;
    }
    if (!isMboxLine(bytes, at)) return at;
    this.#note("mbox_from_line", at);
    return this.#lines.after(this.#lines.endOf(at));
  }

  #nextDelimiter(from: number): Delimiter | null {
    if (this.#levelsByDelimiter.size === 0) return null;
    let lineStart = this.#nextCandidate(from);
    while (lineStart >= 0) {
      const lineEnd = this.#lines.endOf(lineStart);
      const found = this.#matchDelimiter(lineStart, lineEnd);
      if (found !== null) return { ...found, lineStart, next: this.#lines.after(lineEnd) };
      lineStart = this.#nextCandidate(lineEnd);
    }
    return null;
  }

  /** Start of the first line at or after `from` that begins with two hyphens, or -1. */
  #nextCandidate(from: number): number {
    const bytes = this.#bytes;
    const seen = this.#candidates;
    if (from === 0 && bytes[0] === 0x2d && bytes[1] === 0x2d) return 0;
    const search = Math.max(0, from - 1);
    if (seen.lf < search) seen.lf = indexOrEnd(bytes, lfHyphens, search);
    if (seen.cr < search) seen.cr = indexOrEnd(bytes, crHyphens, search);
    const at = Math.min(seen.lf, seen.cr);
    return at >= bytes.length ? -1 : at + 1;
  }

  readonly #isDelimiterLine = (lineStart: number, lineEnd: number): boolean =>
    this.#matchDelimiter(lineStart, lineEnd) !== null;

  #matchDelimiter(lineStart: number, lineEnd: number): { levelIndex: number; isClosing: boolean } | null {
    if (lineEnd - lineStart > delimiterLineBytesMax) return null;
    const line = this.#bytes.toString("latin1", lineStart, lineEnd).trimEnd();
    const exact = this.#levelsByDelimiter.get(line)?.at(-1);
    if (exact !== undefined) return { levelIndex: exact, isClosing: false };
    if (!line.endsWith("--")) return null;
    const closing = this.#levelsByDelimiter.get(line.slice(0, -2).trimEnd())?.at(-1);
    return closing === undefined ? null : { levelIndex: closing, isClosing: true };
  }

  /** Ends the open leaf and every container inside the level at `levelIndex`; all of them when it is -1. */
  #closeDownTo(levelIndex: number, contentEnd: number): void {
    if (this.#leaf !== null) endBody(this.#leaf, contentEnd);
    this.#leaf = null;
    while (this.#levels.length > levelIndex + 1) {
      const level = this.#levels.pop()!;
      endBody(level.node, contentEnd);
      if (level.looseStart >= 0) this.#addLoose(level, contentEnd);
      if (level.delimiter !== null) this.#forget(level.delimiter);
      if (isMultipart(level.node.kind.type)) this.#noteUnclosed(level);
    }
  }

  #noteUnclosed(level: Level): void {
    const { start } = level.node.part.body;
    if (level.childCount === 0 && level.delimiter !== null && !level.isClosed) this.#note("boundary_absent", start);
    else if (!level.isClosed && level.delimiter !== null) this.#note("boundary_unclosed", start);
  }

  #forget(delimiter: string): void {
    const indexes = this.#levelsByDelimiter.get(delimiter)!;
    indexes.pop();
    if (indexes.length === 0) this.#levelsByDelimiter.delete(delimiter);
  }

  #addLoose(level: Level, end: number): void {
    if (end > level.looseStart) level.node.loose.push({ start: level.looseStart, end });
    level.looseStart = -1;
  }
}

/** What mail programs show of a message. */
const shownFields = new Set(["from", "to", "cc", "subject"]);
/** Fields kept of one such header; more than one of each is a trick already. */
const shownMax = 16;

const lfHyphens = Buffer.from("\n--");
const crHyphens = Buffer.from("\r--");
/** A delimiter line has the boundary, four hyphens and perhaps some blanks that a relay added. */
const delimiterLineBytesMax = boundaryBytesMax + 64;
/** A boundary that nobody named is only believed when it is as short as RFC 2046 wants it. */
const guessBytesMax = 80;

/** `From ` begins an mbox separator, `>From ` one that was quoted; neither can be a field, for the blank. */
function isMboxLine(bytes: Buffer, at: number): boolean {
  const start = bytes[at] === 0x3e ? at + 1 : at;
  return bytes[start] === 0x46 && bytes.toString("latin1", start, start + 5) === "From " && !isFieldLine(bytes, start);
}

function isWhite(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09;
}

/** Boundaries are compared with bytes of the message read as latin1; a boundary decoded as UTF-8 goes back to bytes. */
function toLatin1(boundary: string): string {
  return Buffer.from(boundary).toString("latin1");
}

function endBody(node: Node, end: number): void {
  node.part.body.end = Math.max(node.part.body.start, end);
}

function indexOrEnd(bytes: Buffer, needle: Buffer, from: number): number {
  const at = bytes.indexOf(needle, from);
  return at < 0 ? bytes.length : at;
}
