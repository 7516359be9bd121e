import type { Instant, MessageId } from "#core/index.ts";

/**
 * A place is the number of a document in order of sending, so that newest first and a range of dates are ranges of
 * numbers: 33 bits of seconds from 1833 to 2106 and 12 bits within the second. Every word of a document is stored with its
 * distance from the one before, so that each bit counts: with 8 bits more the index is a seventh larger.
 *
 * Mail says when it was sent to the second (RFC 5322 §3.3), so that a whole second has a thousand places and every other
 * millisecond of it three. Dates outside are taken for the first or the last of that time.
 */
export function placeFrom(instant: Instant): number {
  const bounded = Math.min(Math.max(instant, -secondsBelowZero * 1000), secondsBelowZero * 1000 - 1);
  const second = Math.floor(bounded / 1000);
  const ms = Math.floor(bounded - second * 1000);
  return (second + secondsBelowZero) * placesPerSecond + (ms === 0 ? 0 : placesOfWhole + (ms - 1) * placesPerMs);
}

/**
 * The places a document may take, best first, without end.
 *
 * First those of its millisecond, in an order that depends on the message alone, then the others of its second; only
 * after four thousand documents of one second, seconds after it, and the later the more there are: a mailing of a hundred
 * thousand in one second reaches over some minutes, and each finds its place in some hundred tries.
 *
 * @param isFull whether every place from `from` up to `to` is taken; asked once a few tries have failed, so that a crowded
 *   second is not tried place by place
 */
export function* placesFor(
  sentAt: Instant,
  message: MessageId,
  isFull: (from: number, to: number) => boolean = () => false,
): Generator<number, never> {
  const hash = hashOf(message);
  const start = placeFrom(sentAt);
  const second = start - (start % placesPerSecond);
  const next = second + placesPerSecond;
  const own = start === second ? placesOfWhole : placesPerMs;
  for (let attempt = 0; attempt < own; attempt++) {
    if (attempt === triesBeforeAsking && isFull(start, start + own)) break;
    yield start + ((hash + attempt) % own);
  }
  const step = (hash >>> 10) | 1;
  for (let attempt = 0; attempt < placesPerSecond; attempt++) {
    if (attempt === triesBeforeAsking && isFull(second, next)) break;
    yield second + ((hash + attempt * step) & (placesPerSecond - 1));
  }
  yield next;
  for (let places = placesPerSecond; ; places *= 2)
    for (let attempt = 0; attempt < triesBeforeAsking; attempt++)
      yield next + (mixed(hash + places + attempt) % places);
}

const triesBeforeAsking = 16;
const secondsBelowZero = 2 ** 32;
const placesPerSecond = 2 ** 12;
const placesPerMs = 3;
const placesOfWhole = placesPerSecond - 999 * placesPerMs;

/** FNV-1a: spreads any id, and is the same in every engine. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: neighbouring numbers come out far apart. */
function mixed(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
