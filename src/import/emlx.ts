import { isFieldLine, lineEndAfter } from "./from-line.ts";

/** Longest first line that is looked at: a count of octets, which Apple Mail pads with blanks to ten or so. */
const countLineBytesMax = 40;

/** Why an `.emlx` file without an {@link emlxPlace} is not read. */
export const emlxUnfit = "an .emlx file whose length line does not fit it";

/**
 * Where the message lies in an `.emlx` file of Apple Mail: after a line with its length, before a property list; null when
 * the file does not begin so, or is shorter than the line says.
 *
 * @param head the first octets of the file
 * @param size octets of the whole file
 */
export function emlxPlace(head: Uint8Array, size: number): { start: number; end: number } | null {
  const start = lineEndAfter(head.subarray(0, countLineBytesMax), 0);
  const count = /^\s*(\d{1,15})\s*$/.exec(Buffer.from(head.subarray(0, start)).toString("latin1"))?.[1];
  if (count === undefined || !isFieldLine(head.subarray(start))) return null;
  const end = start + Number(count);
  return end > start && end <= size ? { start, end } : null;
}
