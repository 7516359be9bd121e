import type { Bytes } from "#disk/index.ts";

/** How base64 text is broken: `width` characters a line and `end` after each. `width` 0 is one line without any break. */
export interface Base64Lines {
  width: number;
  end: "\r\n" | "\n" | "";
}

/** Longest line that is put back; mail knows 76 and at most 998. It bounds what is held between two chunks. */
export const lineWidthMax = 4096;

/** Whether `lines` is a recipe that this code can follow. */
export function isBase64Lines(lines: { width: unknown; end: unknown }): lines is Base64Lines {
  const { width, end } = lines;
  if (width === 0) return end === "";
  return (
    (end === "\r\n" || end === "\n") && Number.isInteger(width) && 0 < Number(width) && Number(width) <= lineWidthMax
  );
}

/** The fewest decoded bytes that make whole lines, so that text can be made of each such stretch alone. */
export function unitBytes({ width }: Base64Lines): number {
  if (width === 0) return 3;
  const lines = width % 4 === 0 ? 1 : width % 2 === 0 ? 2 : 4;
  return (lines * width * 3) / 4;
}

/** Decoded bytes that are turned to text at once, about. */
const stepBytes = 192 * 1024;

/** The text of `decoded`, which begins a line, with padding and a line end after every line, the last one included. */
export function textOf(decoded: Buffer, { width, end }: Base64Lines): Buffer {
  const encoded = Buffer.from(decoded.toString("base64"), "latin1");
  if (width === 0) return encoded;
  const lineCount = Math.ceil(encoded.length / width);
  const text = Buffer.allocUnsafe(encoded.length + lineCount * end.length);
  const [first, second] = [end.charCodeAt(0), end.charCodeAt(1)];
  let to = 0;
  for (let from = 0; from < encoded.length; from += width) {
    to += encoded.copy(text, to, from, Math.min(from + width, encoded.length));
    text[to++] = first;
    if (end.length === 2) text[to++] = second;
  }
  return text;
}

/**
 * The first `count` bytes of the base64 text of `decoded`, in pieces of some 256 KiB whatever the pieces given.
 *
 * Ends early, and says nothing, when there are fewer: a reader compares the digest of the whole.
 */
export async function* encodeLines(decoded: Bytes, lines: Base64Lines, count: number): Bytes {
  const unit = unitBytes(lines);
  const step = Math.max(unit, Math.floor(stepBytes / unit) * unit);
  let left = count;
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of decoded) {
    let at = 0;
    if (held.length > 0) {
      // Only what completes the unit at hand is copied.
      at = Math.min(piece.length, unit - held.length);
      held = Buffer.concat([held, piece.subarray(0, at)]);
      if (held.length < unit) continue;
      yield cut(textOf(held, lines));
    }
    const whole = at + Math.floor((piece.length - at) / unit) * unit;
    for (; at < whole; at += step) yield cut(textOf(asBuffer(piece.subarray(at, Math.min(at + step, whole))), lines));
    held = Buffer.from(piece.subarray(whole));
  }
  if (held.length > 0) yield cut(textOf(held, lines));

  function cut(text: Buffer): Buffer {
    const taken = text.subarray(0, left);
    left -= taken.length;
    return taken;
  }
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
