import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { seededBytes } from "../../test/support/bytes.ts";
import { isDense } from "./density.ts";

const prose = Buffer.from(
  Array.from({ length: 9_000 }, (_, index) => `word${(index * 7919) % 1000} line ${index}\r\n`).join(""),
);

test("noise and compressed bytes are dense, from the length on that is looked at", () => {
  for (const bytes of [1024, 4096, 50_000, 900_000]) assert.equal(isDense(seededBytes(bytes, bytes)), true, `${bytes}`);
  assert.equal(isDense(gzipSync(seededBytes(1, 40_000).toString("hex"))), true);
  assert.equal(isDense(seededBytes(1, 1023)), false);
  assert.equal(isDense(new Uint8Array()), false);
});

test("text, tables, base64 and even bytes are not dense", () => {
  const samples = [prose, Buffer.from(seededBytes(2, 9000).toString("base64")), Buffer.alloc(8192, 7)];
  for (const bytes of samples) assert.equal(isDense(bytes), false);
});

test("text before noise is told by what stands in between", () => {
  assert.equal(isDense(Buffer.concat([prose, seededBytes(3, prose.length)])), false);
});
