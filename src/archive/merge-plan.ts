import type { PackEntry } from "#catalogue/index.ts";
import { type Entropy, idBetween, MiB, type PackId } from "#core/index.ts";

/** What is merged, and how fast. */
export interface MergeBounds {
  /** Fewest packs that are merged at once. */
  packsMin: number;
  /** Most packs that are merged at once: bounds what is held of their directories. */
  packsMax: number;
  /** A merged pack is at least this many times as long as the longest that went in, so that a byte is written again seldom. */
  growthMin: number;
  /** Longest merged pack, in bytes. A pack of half of it or more is left alone. */
  packBytesMax: number;
  /** Most messages and reports of a merged pack, likewise: what is held of a merge is some KiB of each, in three threads. */
  messagesMax: number;
  /** Bytes a second that merging reads and writes together, and how many at once beyond it. */
  bytesPerSecond: number;
  burstBytes: number;
  /** How long a superseded pack stays after the one that took its place was made. */
  graceMs: number;
  /** Rest between two looks for packs to merge or to remove. */
  lookMs: number;
}

/**
 * The bounds of the product.
 *
 * A pack of one mail of some KiB grows fourfold with each merge, so its bytes are written again at most log4(64 MiB / 4 KiB),
 * 7 times, those of a batch of 1 MiB 3 times; fewer than 8 packs of any size class are left behind. Packs of 64 MiB hold 2,000
 * usual mails; 4,096 tiny ones make a full pack too, and take 80 MiB while they are merged. 16 MiB a second is a
 * tenth of what one slow disk moves, and twenty times what merging needs for 100,000 mails of 75 KiB a day. A day of grace
 * outlasts whoever began to read a pack before it was superseded: an export, a download.
 */
export const mergeBounds: MergeBounds = {
  packsMin: 8,
  packsMax: 256,
  growthMin: 4,
  packBytesMax: 64 * MiB,
  messagesMax: 4_096,
  bytesPerSecond: 16 * MiB,
  burstBytes: 4 * MiB,
  graceMs: 24 * 60 * 60 * 1_000,
  lookMs: 60_000,
};

/** Packs that stand next to each other, and the id that sorts between them and the next one. */
export interface MergeRun {
  sources: PackEntry[];
  pack: PackId;
}

const prefix = "pck_";

/**
 * The first packs of a tenant that are worth merging; undefined when there are none.
 *
 * The newest is never among them: a merged pack takes the place of its packs in the order of ids, in which packs are
 * committed again by a rebuild, so there must be a next one.
 *
 * @param packs all of the tenant in id order
 * @param isLeft whether a pack is to be left as it is
 * @param messagesIn messages and reports in a pack
 */
export function findRun(
  packs: readonly PackEntry[],
  bounds: MergeBounds,
  isLeft: (pack: PackId) => boolean,
  messagesIn: (pack: PackId) => number,
  entropy: Entropy,
): MergeRun | undefined {
  // One measure of how full a pack is, so that every rule holds for messages as for bytes.
  const bytesOfMessage = bounds.packBytesMax / bounds.messagesMax;
  const sizes = packs.map(({ pack, bytes }) => Math.max(bytes, messagesIn(pack) * bytesOfMessage));
  const isFit = (at: number) => sizes[at]! < bounds.packBytesMax / 2 && !isLeft(packs[at]!.pack);
  for (let start = 0; start < packs.length - 1; start += 1) {
    const end = endOfRun(sizes, start, bounds, isFit);
    const [last, next] = [packs[end - 1], packs[end]];
    if (last === undefined || next === undefined || end - start < bounds.packsMin) continue;
    const id = idBetween(last.pack.slice(prefix.length), next.pack.slice(prefix.length), entropy.bytes(6));
    if (id !== null) return { sources: packs.slice(start, end), pack: `${prefix}${id}` as PackId };
  }
  return undefined;
}

/** The longest run from `start` whose packs together are enough larger than each; `start` when there is none. */
function endOfRun(
  sizes: readonly number[],
  start: number,
  { packsMax, packBytesMax, growthMin }: MergeBounds,
  isFit: (at: number) => boolean,
): number {
  let total = 0;
  let longest = 0;
  let end = start;
  for (let at = start; at < Math.min(sizes.length - 1, start + packsMax); at += 1) {
    const size = sizes[at]!;
    if (!isFit(at) || total + size > packBytesMax) break;
    total += size;
    longest = Math.max(longest, size);
    if (total >= growthMin * longest) end = at + 1;
  }
  return end;
}
