import { KiB } from "#core/index.ts";

/** Bytes looked at: enough words to tell one writing from another. */
const sampleBytesMax = 64 * KiB;
/** Fewer signs beyond ASCII than this tell nothing. */
const signsMin = 4;
/** The same of letters of one byte each. */
const lettersMin = 12;

/**
 * The charset in which text that names none is most likely written, where neither its escapes nor UTF-8 say: one of the East
 * Asian, Cyrillic or Hebrew ones, or null for anything else. A guess, and no more than that.
 *
 * Writing without spaces gives long runs of double bytes, most of them of the rows in which each standard has its most used
 * signs; Cyrillic and Hebrew give runs of single high bytes, mostly small letters. Western text has its high bytes one by one.
 */
export function guessCharset(bytes: Buffer): string | null {
  const sample = bytes.subarray(0, sampleBytesMax);
  return guessDoubleByte(sample) ?? guessSingleByte(sample);
}

/** How a text looks when it is read as signs of two bytes. */
interface Pairs {
  count: number;
  /** How many follow another one directly. */
  following: number;
  /** How often each first byte occurs. */
  firsts: Uint32Array;
  /** How many second bytes are below 0x80. */
  lowSeconds: number;
}

type IsByte = (byte: number) => boolean;

const within =
  (...ranges: [from: number, to: number][]): IsByte =>
  (byte) =>
    ranges.some(([from, to]) => byte >= from && byte <= to);

/** The text as pairs; null where a high byte is neither a single one nor the first of a pair. A cut at the end is allowed. */
function pairsOf(sample: Buffer, isFirst: IsByte, isSecond: IsByte, isSingle: IsByte): Pairs | null {
  const pairs: Pairs = { count: 0, following: 0, firsts: new Uint32Array(256), lowSeconds: 0 };
  let pairEnd = -1;
  for (let at = 0; at < sample.length; at += 1) {
    const byte = sample[at]!;
    if (byte < 0x80 || isSingle(byte)) continue;
    if (!isFirst(byte)) return null;
    const second = sample[at + 1];
    if (second === undefined) break;
    if (!isSecond(second)) return null;
    pairs.count += 1;
    if (pairEnd === at) pairs.following += 1;
    if (second < 0x80) pairs.lowSeconds += 1;
    pairs.firsts[byte]! += 1;
    at += 1;
    pairEnd = at + 1;
  }
  const isRunning = pairs.count >= signsMin && pairs.following * 2 >= pairs.count;
  return isRunning ? pairs : null;
}

/** The share of pairs whose first byte is from `from` to `to`. */
function share({ firsts, count }: Pairs, from: number, to: number): number {
  let sum = 0;
  for (let byte = from; byte <= to; byte += 1) sum += firsts[byte]!;
  return sum / count;
}

const none: IsByte = () => false;

function guessDoubleByte(sample: Buffer): string | null {
  const shiftJis = pairsOf(
    sample,
    within([0x81, 0x9f], [0xe0, 0xfc]),
    within([0x40, 0x7e], [0x80, 0xfc]),
    within([0xa1, 0xdf]),
  );
  // JIS level 1 and kana; GBK has rarities there, and Big5 nothing.
  if (shiftJis !== null && share(shiftJis, 0x81, 0x98) > 0.6) return "shift_jis";
  const high = within([0xa1, 0xfe]);
  const euc = pairsOf(sample, high, high, none);
  if (euc !== null) {
    if (share(euc, 0xa4, 0xa5) > 0.15) return "euc-jp";
    // Hangul ends at row 0xc8; of Chinese by its pronunciation half lies beyond.
    if (share(euc, 0xb0, 0xc8) > 0.85) return "euc-kr";
    if (share(euc, 0xa1, 0xd7) > 0.8) return "gb18030";
  }
  const big5 = pairsOf(sample, within([0xa1, 0xf9]), within([0x40, 0x7e], [0xa1, 0xfe]), none);
  if (big5 !== null && big5.lowSeconds > 0 && share(big5, 0xa1, 0xc6) > 0.7) return "big5";
  const gbk = pairsOf(sample, within([0x81, 0xfe]), within([0x40, 0x7e], [0x80, 0xfe]), none);
  return gbk !== null && share(gbk, 0xa1, 0xd7) > 0.8 ? "gb18030" : null;
}

function guessSingleByte(sample: Buffer): string | null {
  let high = 0;
  let following = 0;
  let upperHalf = 0;
  let letters = 0;
  let beyondHebrew = 0;
  for (let at = 0; at < sample.length; at += 1) {
    const byte = sample[at]!;
    if (byte < 0x80) continue;
    high += 1;
    if (at > 0 && sample[at - 1]! >= 0x80) following += 1;
    if (byte >= 0xc0) letters += 1;
    if (byte >= 0xe0) upperHalf += 1;
    if (byte > 0xfa) beyondHebrew += 1;
  }
  // Words of at least three letters on the average, and hardly a sign that is no letter.
  if (letters < lettersMin || following * 3 < high * 2 || letters * 10 < high * 9) return null;
  // Hebrew has no capitals, and 27 letters from 0xe0 on; Russian hardly does without the last five of its small ones.
  if (upperHalf === letters && beyondHebrew === 0) return "windows-1255";
  // Small letters are the upper half in windows-1251 and the lower one in KOI8-R.
  return upperHalf * 2 > letters ? "windows-1251" : "koi8-r";
}
