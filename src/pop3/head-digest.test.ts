import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeadDigest } from "./head-digest.ts";

function digestOf(...chunks: string[]): string {
  const digest = new HeadDigest();
  for (const chunk of chunks) digest.update(Buffer.from(chunk, "latin1"));
  return digest.digest();
}

test("the header alone counts, with the empty line a message may lack", () => {
  assert.equal(digestOf("A: b\r\n\r\nbody"), digestOf("A: b\r\n\r\n"));
  assert.equal(digestOf("A: b\r\n"), digestOf("A: b\r\n\r\n"));
  assert.equal(digestOf("\r\nbody"), digestOf("\r\n"));
  assert.notEqual(digestOf("A: b\r\n\r\n"), digestOf("A: c\r\n\r\n"));
  assert.notEqual(digestOf("A: b\r\n\r\r\n\r\n"), digestOf("A: b\r\n\r\n"));
});

test("is the same at every split", () => {
  const parts = fc.array(fc.constantFrom("a", "\r\n", "\r", "\n", "\r\n\r\n", "B: c"), { maxLength: 12 });
  fc.assert(fc.property(parts, (pieces) => assert.equal(digestOf(...pieces), digestOf(pieces.join("")))));
});

test("a header is compared up to 256 KiB", () => {
  const long = "x".repeat(256 * 1024);
  assert.equal(digestOf(`${long}a`), digestOf(`${long}b`));
  assert.notEqual(digestOf(`a${long.slice(1)}`), digestOf(`b${long.slice(1)}`));
});
