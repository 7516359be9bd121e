import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  berDepthMax,
  children,
  contents,
  der,
  elementAt,
  firstChildren,
  integerOf,
  octets,
  oidOf,
  tags,
} from "./ber.ts";

const hex = (text: string) => Buffer.from(text.replace(/ /g, ""), "hex");

test("definite and indefinite lengths hold the same content", () => {
  for (const [bytes, next] of [
    ["30 03 02 01 05", 5],
    ["30 81 03 02 01 05", 6],
    ["30 80 02 01 05 00 00", 7],
  ] as const) {
    const element = elementAt(hex(bytes));
    assert.equal(element?.tag, tags.sequence);
    assert.equal(element.next, next);
    assert.equal(integerOf(firstChildren(element, 1)[0] ?? null), 5);
  }
});

test("octets sent in pieces, in pieces of pieces, are put together", () => {
  assert.deepEqual(octets(elementAt(hex("04 02 61 62"))!), hex("6162"));
  assert.deepEqual(octets(elementAt(hex("24 80 04 01 61 04 01 62 00 00"))!), hex("6162"));
  assert.deepEqual(octets(elementAt(hex("a0 80 24 80 04 01 61 00 00 24 03 04 01 62 00 00"))!), hex("6162"));
});

test("what does not end within its bytes is no element", () => {
  for (const bytes of [
    "",
    "30",
    "30 05 02 01 05",
    "30 80 02 01 05",
    "30 84 ff ff ff ff 00",
    "02 80 00 00",
    "1f 81 00",
  ]) {
    assert.equal(elementAt(hex(bytes)), null, bytes);
  }
});

test("indefinite lengths are followed to their bound of depth, and no further", () => {
  const nested = (depth: number) => Buffer.concat([Buffer.from("3080".repeat(depth), "hex"), Buffer.alloc(2 * depth)]);
  assert.notEqual(elementAt(nested(berDepthMax)), null);
  assert.equal(elementAt(nested(berDepthMax + 1)), null);
});

test("object identifiers are read in dots", () => {
  assert.equal(oidOf(elementAt(hex("06 09 2a 86 48 86 f7 0d 01 07 03"))), "1.2.840.113549.1.7.3");
  assert.equal(oidOf(elementAt(hex("06 03 55 1d 0e"))), "2.5.29.14");
  assert.equal(oidOf(elementAt(hex("06 02 86 80"))), null);
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
      const element = elementAt(der(0x04, content));
      assert.ok(element !== null && contents(element).equals(Buffer.from(content)));
    }),
    { numRuns: 200 },
  );
});

test("any octets whatever are walked through without a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const element = elementAt(Buffer.from(bytes));
      if (element === null) return;
      for (const child of children(element)) octets(child);
      octets(element);
    }),
  );
});
