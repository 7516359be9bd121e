import { KiB } from "#core/index.ts";
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

/** Decoded bytes that are turned to text at once: strings of this size live and die where V8 makes them cheapest. */
const stepBytesMax = 24 * KiB;

/** Whole units up to {@link stepBytesMax}, at least one: what is encoded or decoded in one go. */
export function stepBytes(lines: Base64Lines): number {
  const unit = unitBytes(lines);
  return Math.floor(stepBytesMax / unit) * unit;
}

/** Text of one step without line ends. Only used between two yields, so one serves all. */
const scratch = Buffer.alloc((stepBytesMax / 3) * 4);

/** The text of `decoded`, which begins a line, with padding and a line end after every line, the last one included. */
export function textOf(decoded: Buffer, { width, end }: Base64Lines): Buffer {
  const encoding = decoded.toString("base64");
  if (width === 0) return Buffer.from(encoding, "latin1");
  const encoded = encoding.length <= scratch.length ? scratch : Buffer.allocUnsafe(encoding.length);
  encoded.write(encoding, 0, "latin1");
  const lineCount = Math.ceil(encoding.length / width);
  const text = Buffer.allocUnsafe(encoding.length + lineCount * end.length);
  const [first, second] = [end.charCodeAt(0), end.charCodeAt(1)];
  let to = 0;
  for (let from = 0; from < encoding.length; from += width) {
    to += encoded.copy(text, to, from, Math.min(from + width, encoding.length));
    text[to++] = first;
    if (end.length === 2) text[to++] = second;
  }
  return text;
}

/** Whole lines of `text` from `at` without their line ends, as a string of `chars`; undefined where one ends otherwise. */
export function charsOf(text: Buffer, at: number, chars: number, { width, end }: Base64Lines): string | undefined {
  if (width === 0) return text.toString("latin1", at, at + chars);
  const [first, second] = [end.charCodeAt(0), end.charCodeAt(1)];
  let from = at;
  for (let to = 0; to < chars; to += width) {
    text.copy(scratch, to, from, from + width);
    from += width;
    if (text[from++] !== first) return undefined;
    if (end.length === 2 && text[from++] !== second) return undefined;
  }
  return scratch.toString("latin1", 0, chars);
}

/**
 * The first `count` bytes of the base64 text of `decoded`, in pieces of some 32 KiB whatever the pieces given.
 *
 * Ends early, and says nothing, when there are fewer: a reader compares the digest of the whole.
 */
export async function* encodeLines(decoded: Bytes, lines: Base64Lines, count: number): Bytes {
  const unit = unitBytes(lines);
  const step = stepBytes(lines);
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
