import assert from "node:assert/strict";
import { test } from "node:test";
import { StretchGatherer, startingWith } from "./stretch.ts";

const bytesOf = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString("latin1");

test("a stretch has the bytes in the order in which they came, however they were cut", () => {
  const gatherer = new StretchGatherer();
  const pieces = [1, 5000, 2, 2047, 2048, 2049, 3, 4096, 1, 1, 9000].map((length, index) =>
    Buffer.alloc(length, String.fromCharCode(97 + index)),
  );
  for (const piece of pieces) gatherer.add(piece);
  assert.equal(gatherer.bytes, Buffer.concat(pieces).length);
  const stretch = gatherer.take();
  assert.equal(bytesOf(stretch.pieces), bytesOf(pieces));
  assert.equal(stretch.bytes, Buffer.concat(pieces).length);
  assert.deepEqual(gatherer.take(), { pieces: [], bytes: 0 });
});

test("single octets are put together, and a large piece is not copied", () => {
  const gatherer = new StretchGatherer();
  for (let index = 0; index < 10_000; index += 1) gatherer.add(Buffer.from("x"));
  const large = Buffer.alloc(50_000, "y");
  gatherer.add(large);
  const { pieces, bytes } = gatherer.take();
  assert.equal(bytes, 60_000);
  assert.equal(pieces.length, 4);
  assert.equal(pieces.at(-1), large);
});

test("what small pieces were copied from may change, and a stretch that was taken stays as it was", () => {
  const gatherer = new StretchGatherer();
  const small = Buffer.from("abc");
  gatherer.add(small);
  small.fill("z");
  const first = gatherer.take();
  gatherer.add(Buffer.from("def"));
  assert.equal(bytesOf(first.pieces), "abc");
  assert.equal(bytesOf(startingWith(Buffer.from("head "), gatherer.take()).pieces), "head def");
});
