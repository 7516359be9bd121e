import { lineFinder } from "./lines.ts";

/** Decoded bytes, the name on the begin line, and whether begin, end and length were as they must be. */
export interface YencReading {
  bytes: Buffer;
  filename: string | null;
  isClean: boolean;
}

/**
 * Decodes the first yEnc file in `body`, from its `=ybegin` line to its `=yend` line; without a begin line nothing is decoded
 * and the body is given back. Of a file that was cut up it is the piece that stands here.
 *
 * @see yEnc draft 1.3: every byte is written plus 42; one that would be NUL, LF, CR or `=` follows an `=`, plus 64 again
 */
export function decodeYenc(body: Buffer): YencReading {
  const begin = findYencBegin(body, 0);
  if (begin === null) return { bytes: body, filename: null, isClean: false };
  const out = Buffer.allocUnsafe(body.length - begin.next);
  let length = 0;
  let hasEnd = false;
  let sizeExpected = begin.size;
  const lines = lineFinder(body);
  for (let at = begin.next; at < body.length && !hasEnd; ) {
    const end = lines.endOf(at);
    if (isControlLine(body, at)) {
      const line = body.toString("latin1", at, Math.min(end, at + controlBytesMax));
      if (line.startsWith("=yend")) {
        hasEnd = true;
        sizeExpected = numberNamed(line, "size") ?? sizeExpected;
      }
    } else length = decodeLine(body, at, end, out, length);
    at = lines.after(end);
  }
  return { bytes: out.subarray(0, length), filename: begin.filename, isClean: hasEnd && length === sizeExpected };
}

/** A begin line: where it stands, where the next line does, and what it says. */
export interface YencBegin {
  start: number;
  next: number;
  filename: string;
  size: number | null;
}

/** The first begin line at or behind `from`; null when there is none. It names size, line length and, at its end, the file. */
export function findYencBegin(body: Buffer, from: number): YencBegin | null {
  for (let at = body.indexOf("=ybegin ", from); at >= 0; at = body.indexOf("=ybegin ", at + 1)) {
    if (at > 0 && body[at - 1] !== lf && body[at - 1] !== cr) continue;
    let end = at;
    while (end < body.length && body[end] !== lf && body[end] !== cr) end += 1;
    const line = body.toString("latin1", at, Math.min(end, at + controlBytesMax));
    const name = / name=(\S.*)$/.exec(line)?.[1];
    if (name === undefined) continue;
    const next = body[end] === cr && body[end + 1] === lf ? end + 2 : Math.min(end + 1, body.length);
    return { start: at, next, filename: name.trim(), size: numberNamed(line, "size") };
  }
  return null;
}

const controlBytesMax = 1024;
const lf = 0x0a;
const cr = 0x0d;
const equals = 0x3d;

function isControlLine(body: Buffer, at: number): boolean {
  return body[at] === equals && body[at + 1] === 0x79;
}

function numberNamed(line: string, name: string): number | null {
  const found = new RegExp(` ${name}=(\\d{1,15})(?: |$)`).exec(line);
  return found === null ? null : Number(found[1]);
}

/** Writes the bytes of one line to `out` behind `length`, and returns where they end. */
function decodeLine(body: Buffer, start: number, end: number, out: Buffer, length: number): number {
  let written = length;
  for (let at = start; at < end; at += 1) {
    let byte = body[at]!;
    if (byte === equals && at + 1 < end) {
      at += 1;
      byte = body[at]! - 64;
    }
    out[written++] = (byte - 42) & 0xff;
  }
  return written;
}
