import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Listing, ListingReader, readStat } from "./listing.ts";

/** What two answers list; null where UIDL was refused. */
function readListing(list: readonly string[], uidl: readonly string[] | null): Listing {
  const reader = new ListingReader();
  for (const line of list) reader.size(line);
  for (const line of uidl ?? []) reader.id(line);
  return reader.end();
}

test("puts sizes and ids together, in order of number", () => {
  const { messages, uidls } = readListing(["2 200", "1 100"], ["1 a", "2 b"]);
  assert.deepEqual(messages, [
    { number: 1, listBytes: 100, uidl: "a" },
    { number: 2, listBytes: 200, uidl: "b" },
  ]);
  assert.equal(uidls, "usable");
});

test("numbers may come in any order, and some not at all", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 })), fc.infiniteStream(fc.integer()), (numbers, keys) => {
      const shuffled = [...numbers].sort(() => (Number(keys.next().value) & 1 ? 1 : -1));
      const { messages } = readListing(
        numbers.map((number) => `${number} ${number * 7}`),
        shuffled.map((number) => `${number} id${number}`),
      );
      const sorted = [...numbers].sort((a, b) => a - b);
      const expected = sorted.map((number) => ({ number, listBytes: number * 7, uidl: `id${number}` }));
      assert.deepEqual(messages, expected);
    }),
  );
});

test("an id that two messages have belongs to neither", () => {
  const { messages, uidls } = readListing(["1 1", "2 1", "3 1"], ["1 same", "2 same", "3 own"]);
  assert.deepEqual(
    messages.map(({ uidl }) => uidl),
    [null, null, "own"],
  );
  assert.equal(uidls, "doubled");
});

test("ids that are missing, or no ids, are noticed", () => {
  assert.equal(readListing(["1 1"], null).uidls, "missing");
  assert.equal(readListing(["1 1", "2 1"], ["1 a"]).uidls, "missing");
  assert.equal(readListing(["1 1"], ["1 a b"]).uidls, "missing");
  assert.equal(readListing(["1 1"], [`1 ${"x".repeat(256)}`]).uidls, "missing");
  assert.equal(readListing(["1 1"], [`1 ${"x".repeat(255)}`]).uidls, "usable");
  assert.equal(readListing([], []).uidls, "usable");
});

test("lines that cannot be read are passed over, and the first of two with one number counts", () => {
  const { messages } = readListing(
    ["0 5", "-1 5", "x", "1 7", "1 9", "2", "99999999999 1", "3 nine", "4 5 extra"],
    ["1 a", "1 b"],
  );
  assert.deepEqual(messages, [
    { number: 1, listBytes: 7, uidl: "a" },
    { number: 3, listBytes: null, uidl: null },
    { number: 4, listBytes: 5, uidl: null },
  ]);
});

test("any lines give a listing", () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (list, uidl) => void readListing(list, uidl)));
});

test("reads STAT, and nothing else", () => {
  assert.deepEqual(readStat("2 320"), { messages: 2, bytes: 320 });
  assert.deepEqual(readStat("2 320 further"), { messages: 2, bytes: 320 });
  for (const text of ["", "2", "two 320", "2,320"]) assert.equal(readStat(text), null);
});
