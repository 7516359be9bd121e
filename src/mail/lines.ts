const lf = 0x0a;
const cr = 0x0d;

/** Finds line ends in one forward pass: positions asked for must not go back. LF, CRLF and a bare CR all end a line. */
export interface LineFinder {
  /** Where the line beginning at `from` ends: the offset of its first CR or LF, or the end of the bytes. */
  endOf(from: number): number;
  /** Where the next line begins, for an `end` that {@link endOf} gave. */
  after(end: number): number;
}

/**
 * A finder over `bytes`. Each kind of line end is searched for only beyond where it was last seen, so a message
 * without one of them costs a single look for it.
 */
export function lineFinder(bytes: Buffer): LineFinder {
  let nextLf = -1;
  let nextCr = -1;
  return {
    endOf(from) {
      if (nextLf < from) nextLf = indexOrEnd(bytes, lf, from);
      if (nextCr < from) nextCr = indexOrEnd(bytes, cr, from);
      return Math.min(nextLf, nextCr);
    },
    after(end) {
      if (bytes[end] === lf) return end + 1;
      if (bytes[end] !== cr) return end;
      if (bytes[end + 1] === lf) return end + 2;
      // CR CR LF is what a text-mode copy makes of CRLF: one line end. Two bare CRs are two.
      return bytes[end + 1] === cr && bytes[end + 2] === lf ? end + 3 : end + 1;
    },
  };
}

/** Where the content before the line beginning at `lineStart` ends: without that one line end (RFC 2046 §5.1.1). */
export function contentEndBefore(bytes: Buffer, lineStart: number): number {
  if (bytes[lineStart - 1] === lf) return bytes[lineStart - 2] === cr ? lineStart - 2 : lineStart - 1;
  return bytes[lineStart - 1] === cr ? lineStart - 1 : lineStart;
}

function indexOrEnd(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at < 0 ? bytes.length : at;
}
