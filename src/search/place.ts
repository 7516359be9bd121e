import type { Instant, MessageId } from "#core/index.ts";

/**
 * A place is the number of a document in order of sending, so that newest first and a range of dates are ranges of
 * numbers: 33 bits of seconds from 1833 to 2106, 10 bits of milliseconds, and 10 bits that keep documents of the same
 * millisecond apart. It fits a double exactly. Dates outside are taken for the first or the last of that time.
 */
export function placeFrom(instant: Instant): number {
  const bounded = Math.min(Math.max(instant, -secondsBelowZero * 1000), secondsBelowZero * 1000 - 1);
  const second = Math.floor(bounded / 1000);
  return (second + secondsBelowZero) * placesPerSecond + Math.floor(bounded - second * 1000) * placesPerMs;
}

/**
 * The places a document may take, best first, without end.
 *
 * First those of its millisecond, in an order that depends on the message alone, then the others of its second; only
 * after a million documents of one second, the seconds after it.
 */
export function* placesFor(sentAt: Instant, message: MessageId): Generator<number, never> {
  const hash = hashOf(message);
  const step = (hash >>> 10) | 1;
  const start = placeFrom(sentAt);
  for (let attempt = 0; attempt < 64; attempt++) yield start + ((hash + attempt * step) & (placesPerMs - 1));
  const second = start - (start % placesPerSecond);
  for (let attempt = 0; attempt < placesPerSecond; attempt++) {
    yield second + ((hash + attempt * step) & (placesPerSecond - 1));
  }
  for (let place = second + placesPerSecond; ; place++) yield place;
}

const secondsBelowZero = 2 ** 32;
const placesPerMs = 2 ** 10;
const placesPerSecond = 2 ** 20;

/** FNV-1a: spreads any id, and is the same in every engine. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
