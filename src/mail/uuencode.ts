/** Decoded bytes, the name on the begin line, and whether begin, every line and end were as they must be. */
export interface UuencodeReading {
  bytes: Buffer;
  filename: string | null;
  isClean: boolean;
}

/**
 * Decodes the first uuencoded file in `body`, from its `begin` line to its `end` line; without a begin line nothing
 * is decoded and the body is given back.
 *
 * @see POSIX uuencode
 */
export function decodeUuencode(body: Buffer): UuencodeReading {
  const begin = findBegin(body, 0);
  if (begin === null) return { bytes: body, filename: null, isClean: false };
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  let isClean = true;
  let at = begin.next;
  let hasEnd = false;
  while (at < body.length && !hasEnd) {
    const end = lineEnd(body, at);
    if (body[at] === 0x65 && body.toString("latin1", at, at + 3) === "end") hasEnd = true;
    else if (end > at) {
      const count = countOf(body[at]!, end - at);
      const written = decodeLine(body, at + 1, end, count, out, length);
      if (written < count || count < 0) isClean = false;
      length += written;
    }
    at = end + 1;
  }
  return { bytes: out.subarray(0, length), filename: begin.filename, isClean: isClean && hasEnd };
}

/**
 * The first uuencoded file at or behind `from`: from its begin line to its end line, or to the first line that cannot be of
 * it. Null when there is none; a begin line without data behind it begins no file, for people write such words too.
 */
export function findUuencoded(body: Buffer, from: number): { start: number; end: number; filename: string } | null {
  let begin = findBegin(body, from);
  while (begin !== null) {
    let at = begin.next;
    let end = lineEnd(body, at);
    if (isDataLine(body, at, end)) {
      while (at < body.length && isDataLine(body, at, end)) {
        at = body[end] === 0x0d && body[end + 1] === 0x0a ? end + 2 : end + 1;
        end = lineEnd(body, at);
      }
      const hasEnd = body.toString("latin1", at, end).trimEnd() === "end";
      return { start: begin.start, end: hasEnd ? end : Math.min(at, body.length), filename: begin.filename };
    }
    begin = findBegin(body, begin.next);
  }
  return null;
}

/** Whether a line has as many signs as its first one says, give or take a checksum and blanks that were cut off. */
function isDataLine(body: Buffer, at: number, end: number): boolean {
  const count = end > at ? countOf(body[at]!, end - at) : -1;
  if (count < 0) return false;
  const signs = Math.ceil(count / 3) * 4;
  return end - at - 1 <= signs + 2 && (count === 0 || end - at > 1);
}

/** The begin line has an octal mode and a name; anything may stand before it. */
function findBegin(body: Buffer, from: number): { start: number; next: number; filename: string } | null {
  let at = body.indexOf("begin ", from);
  while (at >= 0) {
    const isAtLineStart = at === 0 || body[at - 1] === 0x0a || body[at - 1] === 0x0d;
    if (isAtLineStart) {
      const end = lineEnd(body, at);
      const line = body.toString("latin1", at, Math.min(end, at + beginBytesMax));
      const found = /^begin [0-7]{3,4} (\S[^\r\n]*)/.exec(line);
      if (found !== null)
        return {
          start: at,
          next: body[end] === 0x0d && body[end + 1] === 0x0a ? end + 2 : end + 1,
          filename: found[1]!.trim(),
        };
    }
    at = body.indexOf("begin ", at + 1);
  }
  return null;
}

const beginBytesMax = 1024;
/** The length byte of a line stands for at most 45 bytes, so a line is short; what is longer is no such line. */
const lineBytesMax = 128;

function lineEnd(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && body[at] !== 0x0a && body[at] !== 0x0d) at += 1;
  return at;
}

/** How many bytes the length sign of a line promises, or -1 when the line cannot be one. */
function countOf(sign: number, lineBytes: number): number {
  return sign < 0x20 || sign > 0x60 || lineBytes > lineBytesMax ? -1 : (sign - 0x20) & 0x3f;
}

/** Writes the bytes of one line to `out`, at most `count`, and returns how many there were. */
function decodeLine(body: Buffer, start: number, end: number, count: number, out: Buffer, length: number): number {
  let written = 0;
  for (let at = start; written < count && at < end; at += 4) {
    const group =
      (six(body, at, end) << 18) |
      (six(body, at + 1, end) << 12) |
      (six(body, at + 2, end) << 6) |
      six(body, at + 3, end);
    for (let shift = 16; shift >= 0 && written < count; shift -= 8) {
      out[length + written] = (group >> shift) & 0xff;
      written += 1;
    }
  }
  return written;
}

/** Blanks at the end of a line are often cut off on the way; they stand for zero. */
function six(body: Buffer, at: number, end: number): number {
  return at < end ? (body[at]! - 0x20) & 0x3f : 0;
}
