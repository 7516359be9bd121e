import type { NoteDefect } from "./defects.ts";
import { headerFieldsMax } from "./limits.ts";
import type { LineFinder } from "./lines.ts";
import type { HeaderField, Span } from "./reading.ts";

/** A header block: its fields in order, its extent, and where the body after it begins. */
export interface Header {
  fields: HeaderField[];
  span: Span;
  bodyStart: number;
  /** From the first line that is no field to the end of the header: there other readers begin the body. Else null. */
  stray: Span | null;
}

/**
 * Reads the header that begins at `start`, up to the empty line, the end of the bytes, or a line for which `stops`
 * holds (the boundary of a container around).
 *
 * A single line that is no field is taken for a continuation that lost its white space; two in a row, or one at the
 * very beginning, are the body of a header that was never ended. A line of blanks is a fold (RFC 5322 §4.2), unless what
 * follows is neither field nor continuation: then it was meant to be the empty line.
 *
 * @see RFC 5322 §2.2, §4.5
 */
export function readHeader(
  bytes: Buffer,
  start: number,
  lines: LineFinder,
  stops: (lineStart: number, lineEnd: number) => boolean,
  note: NoteDefect,
): Header {
  const fields: HeaderField[] = [];
  let field: HeaderField | null = null;
  let endings = 0;
  let at = start;
  let strayStart = -1;
  const finish = (end: number, bodyStart: number): Header => {
    const stray = strayStart < 0 ? null : { start: strayStart, end };
    if (endings !== 0 && (endings & (endings - 1)) !== 0) note("line_ends_mixed", start);
    noteNul(bytes, start, end, note);
    return { fields, span: { start, end }, bodyStart, stray };
  };
  while (at < bytes.length) {
    const end = lines.endOf(at);
    const next = lines.after(end);
    endings |= endingKind(bytes, end, next);
    if (end === at) return finish(at, next);
    if (isAllBlank(bytes, at, end) && field !== null && isText(bytes, next)) {
      note("header_unended", at);
      return finish(at, next);
    }
    if (bytes[at] === hyphen && bytes[at + 1] === hyphen && stops(at, end)) return finish(at, at);
    const colon = colonOfField(bytes, at, end);
    if (colon > 0) {
      field = newField(bytes, at, colon, end, note);
      if (fields.length < headerFieldsMax) fields.push(field);
      else note("header_fields_excess", at);
    } else if (isBlank(bytes[at]!) && field !== null) {
      if (isAllBlank(bytes, at, end)) note("folded_blank_line", at);
      field.value.end = end;
    } else if (field !== null && headerGoesOn(bytes, next)) {
      note("header_line_stray", at);
      note("ambiguous", at);
      if (strayStart < 0) strayStart = at;
      field.value.end = end;
    } else {
      note("header_unended", at);
      return finish(at, at);
    }
    at = next;
  }
  return finish(at, at);
}

/** Whether a line that begins at `at` looks like a header field: printable name, optional white space, colon. */
export function isFieldLine(bytes: Buffer, at: number): boolean {
  return colonOfField(bytes, at, bytes.length) > 0;
}

const hyphen = 0x2d;
const colonByte = 0x3a;

/** Offset of the colon of the field beginning at `start`, or -1. Stops at the first byte that no name may have. */
function colonOfField(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! > 0x20 && bytes[at]! < 0x7f && bytes[at] !== colonByte) at += 1;
  if (at === start) return -1;
  while (at < end && isBlank(bytes[at]!)) at += 1;
  return at < end && bytes[at] === colonByte ? at : -1;
}

function newField(bytes: Buffer, start: number, colon: number, end: number, note: NoteDefect): HeaderField {
  let nameEnd = colon;
  while (isBlank(bytes[nameEnd - 1]!)) nameEnd -= 1;
  if (nameEnd !== colon) note("space_before_colon", start);
  return { name: bytes.toString("latin1", start, nameEnd).toLowerCase(), value: { start: colon + 1, end } };
}

function headerGoesOn(bytes: Buffer, at: number): boolean {
  const byte = bytes[at];
  return byte === undefined || byte === 0x0a || byte === 0x0d || isBlank(byte) || isFieldLine(bytes, at);
}

/** Whether a line begins here that is neither a field, nor a continuation, nor empty. */
function isText(bytes: Buffer, at: number): boolean {
  const byte = bytes[at];
  return byte !== undefined && byte !== 0x0a && byte !== 0x0d && !isBlank(byte) && !isFieldLine(bytes, at);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

function isAllBlank(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at += 1;
  return at === end;
}

/** One bit for each way a line may end: LF, CRLF, bare CR, CR CR LF; 0 at the end of the bytes. */
function endingKind(bytes: Buffer, end: number, next: number): number {
  if (end >= bytes.length) return 0;
  if (bytes[end] === 0x0a) return 1;
  return next - end === 1 ? 4 : next - end === 2 ? 2 : 8;
}

function noteNul(bytes: Buffer, start: number, end: number, note: NoteDefect): void {
  const at = bytes.subarray(start, end).indexOf(0);
  if (at >= 0) note("nul_in_header", start + at);
}
