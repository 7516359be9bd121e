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
 * after four thousand documents of one second, the seconds after it.
 */
export function* placesFor(sentAt: Instant, message: MessageId): Generator<number, never> {
  const hash = hashOf(message);
  const start = placeFrom(sentAt);
  const second = start - (start % placesPerSecond);
  const own = start === second ? placesOfWhole : placesPerMs;
  for (let attempt = 0; attempt < own; attempt++) yield start + ((hash + attempt) % own);
  const step = (hash >>> 10) | 1;
  for (let attempt = 0; attempt < placesPerSecond; attempt++) {
    yield second + ((hash + attempt * step) & (placesPerSecond - 1));
  }
  for (let place = second + placesPerSecond; ; place++) yield place;
}

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
