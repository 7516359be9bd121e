import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant, MessageId } from "#core/index.ts";
import { placeFrom, placesFor } from "./place.ts";

const instant = (at: number) => at as Instant;
const message = (number: number) => `msg_${number}` as MessageId;

test("places grow with the date by the millisecond, and stay whole numbers", () => {
  const dates = [-8e15, -(2 ** 32) * 1000, -1, 0, 1, 999, 1000, Date.parse("2026-01-01"), 2 ** 32 * 1000 - 1];
  const places = dates.map((date) => placeFrom(instant(date)));
  assert.deepEqual(
    places.slice(1),
    [...places.slice(1)].sort((a, b) => a - b),
  );
  assert.equal(new Set(places.slice(1)).size, places.length - 1);
  for (const place of places) assert.ok(Number.isSafeInteger(place) && place >= 0);
});

test("a date beyond what places hold counts as the first or last of them", () => {
  assert.equal(placeFrom(instant(-8e15)), placeFrom(instant(-(2 ** 32) * 1000)));
  assert.equal(placeFrom(instant(8e15)), placeFrom(instant(2 ** 32 * 1000 - 1)));
});

/** The place that each of `count` documents of one date finds, in turn. */
function settled(at: number, count: number): number[] {
  const taken = new Set<number>();
  for (let number = 0; number < count; number++)
    for (const place of placesFor(instant(at), message(number))) {
      if (taken.has(place)) continue;
      taken.add(place);
      break;
    }
  return [...taken];
}

test("a thousand documents of a whole second come before its next millisecond, and the others within the second", () => {
  const places = settled(5000, 4_000);
  for (const place of places.slice(0, 1_000))
    assert.ok(place >= placeFrom(instant(5000)) && place < placeFrom(instant(5001)));
  for (const place of places) assert.ok(place >= placeFrom(instant(5000)) && place < placeFrom(instant(6000)));
});

test("documents of another millisecond find places in it, and then in its second", () => {
  const places = settled(5500, 3_000);
  for (const place of places.slice(0, 3))
    assert.ok(place >= placeFrom(instant(5500)) && place < placeFrom(instant(5501)));
  for (const place of places) assert.ok(place >= placeFrom(instant(5000)) && place < placeFrom(instant(6000)));
});

test("twenty thousand documents of one second each find a place within a minute of it, in few tries", () => {
  const taken = new Set<number>();
  const isFull = (from: number, to: number) => {
    for (let place = from; place < to; place += 1) if (!taken.has(place)) return false;
    return true;
  };
  let tries = 0;
  for (let number = 0; number < 20_000; number += 1)
    for (const place of placesFor(instant(5000), message(number), isFull)) {
      tries += 1;
      if (taken.has(place)) continue;
      taken.add(place);
      break;
    }
  assert.equal(taken.size, 20_000);
  assert.ok(tries < 20_000 * 150, `${tries} tries`);
  for (const place of taken) assert.ok(place >= placeFrom(instant(5000)) && place < placeFrom(instant(5000 + 60_000)));
});

test("after every place of a second those of the next follow", () => {
  const second = new Set<number>();
  for (const place of placesFor(instant(5500), message(1))) {
    if (place >= placeFrom(instant(6000))) {
      assert.equal(place, placeFrom(instant(6000)));
      break;
    }
    second.add(place);
  }
  assert.equal(second.size, placeFrom(instant(6000)) - placeFrom(instant(5000)));
});

test("the place depends on date and message alone", () => {
  const first = (number: number) => placesFor(instant(5000), message(number)).next().value;
  assert.equal(first(1), first(1));
  assert.notEqual(first(1), first(2));
});
