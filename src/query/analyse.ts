import { fold } from "#core/index.ts";

/** Longest word kept, in UTF-16 units: what is longer is encoded data, and its beginning finds it as well. */
export const wordLengthMax = 64;

/**
 * The words of a text, in order, as they are compared: folded, split at everything that is neither letter nor digit.
 *
 * Scripts written without spaces become overlapping pairs ("東京都" gives 東京, 京都; a lone character stays itself), so that
 * any part of two or more characters is found as a phrase. Applied to its own words it changes nothing.
 */
export function analyse(text: string): string[] {
  if (isAscii(text)) return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map(cutWord);
  const runs = fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return runs.flatMap((run) => (unspaced.test(run) ? run.match(sameSpacing)!.flatMap(wordsOfRun) : cutWord(run)));
}

/** Whether `text` is in a script that is written without spaces, and therefore indexed in pairs of characters. */
export function isUnspaced(text: string): boolean {
  return unspaced.test(text);
}

/** `text` cut to `lengthMax` UTF-16 units, never through the middle of a character. */
export function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, "");
}

// Korean has spaces, but glues its particles to the word; pairs find the stem.
const unspacedClass = ["Han", "Hira", "Kana", "Bopo", "Hang", "Thai", "Laoo", "Khmr", "Mymr"]
  .map((script) => `\\p{scx=${script}}`)
  .join("");
const unspaced = new RegExp(`[${unspacedClass}]`, "u");
const sameSpacing = new RegExp(`[${unspacedClass}]+|[^${unspacedClass}]+`, "gu");

function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}

function cutWord(word: string): string {
  return cut(word, wordLengthMax);
}

function wordsOfRun(run: string): string[] {
  if (!unspaced.test(run)) return [cutWord(run)];
  const characters = [...run];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, before) => characters[before] + character);
}
