import { KiB, MiB } from "#core/index.ts";
import { asBuffer, type Base64Lines, charsOf, lineWidthMax, stepBytes, textOf } from "./base64-lines.ts";

/** Base64 text that comes back byte for byte from its decoded bytes and a recipe. */
export interface FoundBase64 {
  /** Where the text lies in the body: from `start` up to, not including, `end`. */
  start: number;
  end: number;
  lines: Base64Lines;
  /** Length of the decoded bytes. */
  bytes: number;
  /** The decoded bytes, each chunk below 1 MiB; decoded again with every call unless they are few. */
  chunks(): Iterable<Buffer>;
}

/** Decoded bytes of one chunk at most but for one step more: each fits a frame. */
const chunkBytesMax = 768 * KiB;
/** Bodies up to this are held decoded, so that they are not decoded twice; of larger ones one chunk is held at a time. */
const heldBytesMax = 4 * MiB;

const lf = 0x0a;
const cr = 0x0d;

/**
 * The longest stretch of `body`, from its first line that is not blank, that base64 of some bytes gives back exactly.
 *
 * Every chunk is encoded again and compared; the stretch ends where that differs. Linear in the length of `body`.
 *
 * @param seen is given the decoded bytes chunk by chunk, as far as they belong to the stretch
 * @returns undefined when there is no such stretch
 */
export function findBase64(body: Uint8Array, seen: (chunk: Buffer) => void): FoundBase64 | undefined {
  const text = asBuffer(body);
  let start = 0;
  while (text[start] === lf || text[start] === cr) start += 1;
  const lines = linesFrom(text, start);
  if (lines === undefined) return undefined;
  const isHeld = text.length <= heldBytesMax;
  const held: Buffer[] = [];
  let bytes = 0;
  let end = start;
  for (const chunk of decoded(text, start, lines)) {
    seen(chunk.bytes);
    if (isHeld) held.push(chunk.bytes);
    bytes += chunk.bytes.length;
    end = chunk.end;
  }
  if (bytes === 0) return undefined;
  return {
    start,
    end,
    lines,
    bytes,
    *chunks() {
      if (isHeld) yield* held;
      else for (const chunk of decoded(text, start, lines)) yield chunk.bytes;
    },
  };
}

/** How the lines are broken, by the first of them. */
function linesFrom(text: Buffer, start: number): Base64Lines | undefined {
  const at = text.indexOf(lf, start);
  if (at < 0 || isBlank(text, at)) return { width: 0, end: "" };
  const end = text[at - 1] === cr ? "\r\n" : "\n";
  const width = at - start - (end.length - 1);
  return width > 0 && width <= lineWidthMax ? { width, end } : undefined;
}

/** Whether nothing but line ends stands from `at` on, in what can be looked at quickly. */
function isBlank(text: Buffer, at: number): boolean {
  let next = at;
  while (text[next] === lf || text[next] === cr) next += 1;
  return next === text.length;
}

interface Chunk {
  bytes: Buffer;
  /** Where its text ends. */
  end: number;
}

/** Decodes from `start` as far as encoding gives the same text again. */
function* decoded(text: Buffer, start: number, lines: Base64Lines): Generator<Chunk> {
  const step = stepBytes(lines);
  const chars = (step / 3) * 4;
  const textBytes = chars + (lines.width === 0 ? 0 : (chars / lines.width) * lines.end.length);
  for (let at = start; at < text.length; ) {
    // Room for as many whole steps as a chunk may have, and for what is left of the text behind them.
    const steps = Math.min(Math.floor(chunkBytesMax / step), Math.floor((text.length - at) / textBytes));
    const chunk = Buffer.allocUnsafe(steps * step + step);
    let filled = 0;
    while (filled < steps * step && isRegularStep(text, at, chars, lines, chunk.subarray(filled, filled + step))) {
      filled += step;
      at += textBytes;
    }
    if (filled === steps * step && text.length - at >= textBytes) {
      yield { bytes: chunk.subarray(0, filled), end: at };
      continue;
    }
    const given = text.subarray(at, at + textBytes);
    const bytes = Buffer.from(given.toString("latin1"), "base64");
    const last = agreed(bytes, textOf(bytes, lines), given, lines);
    filled += last.bytes.copy(chunk, filled);
    if (filled > 0) yield { bytes: chunk.subarray(0, filled), end: at + last.end };
    return;
  }
}

/** Decodes one step of whole lines into `to`; false where encoding it again would give another text. */
function isRegularStep(text: Buffer, at: number, chars: number, lines: Base64Lines, to: Buffer): boolean {
  const encoded = charsOf(text, at, chars, lines);
  if (encoded === undefined || to.write(encoded, "base64") !== to.length) return false;
  return to.toString("base64") === encoded;
}

/** What of `bytes` stands in `given` as encoding writes it, and where that ends in `given`. */
function agreed(bytes: Buffer, again: Buffer, given: Buffer, { width, end }: Base64Lines): Chunk {
  const same = commonLength(again, given);
  let needed = again.length;
  while (needed > 0 && isEnding(again[needed - 1]!)) needed -= 1;
  if (same >= needed) return { bytes, end: same };
  // The text goes its own way within: only whole groups of four characters before that are sure.
  const stride = width + end.length;
  const chars = width === 0 ? same : Math.floor(same / stride) * width + Math.min(same % stride, width);
  const groups = Math.floor(chars / 4);
  const breaks = width === 0 || groups === 0 ? 0 : Math.ceil((groups * 4) / width) - 1;
  return { bytes: bytes.subarray(0, groups * 3), end: groups * 4 + breaks * end.length };
}

/** Whether a byte is padding or a line end: what may lack at the end of the text. */
function isEnding(byte: number): boolean {
  return byte === 0x3d || byte === cr || byte === lf;
}

function commonLength(one: Buffer, other: Buffer): number {
  const most = Math.min(one.length, other.length);
  let same = 0;
  // Halves the rest until the place is found: comparing is native and quick, looking at bytes one by one is not.
  for (let step = most; step > 0; ) {
    if (same + step <= most && one.compare(other, same, same + step, same, same + step) === 0) same += step;
    else if (step === 1) break;
    else step = Math.ceil(step / 2);
    if (same === most) break;
  }
  return same;
}
