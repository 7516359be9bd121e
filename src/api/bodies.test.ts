import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { boundedBody } from "./bounded-body.ts";
import { exactBody } from "./exact-body.ts";

async function* pieces(...lengths: number[]) {
  for (const length of lengths) yield Buffer.alloc(length, 1);
}

async function lengthOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let total = 0;
  for await (const piece of body) total += piece.length;
  return total;
}

test("a body of just the limit is taken, one byte more is not", async () => {
  assert.equal(await lengthOf(boundedBody(pieces(6, 4), 10, undefined)), 10);
  await assert.rejects(lengthOf(boundedBody(pieces(6, 5), 10, undefined)), (error) =>
    isFailure(error, "IMPORT-TOO-LARGE"),
  );
});

test("a body that announces too much is not begun", () => {
  assert.throws(
    () => boundedBody(pieces(1), 10, "11"),
    (error) => isFailure(error, "IMPORT-TOO-LARGE"),
  );
  boundedBody(pieces(1), 10, "10");
});

test("bytes that come out as long as promised are sent whole", async () => {
  assert.equal(await lengthOf(exactBody(pieces(6, 4), 10)), 10);
  assert.equal(await lengthOf(exactBody(pieces(), 0)), 0);
});

for (const [name, lengths] of [
  ["too few", [6, 3]],
  ["too many", [6, 5]],
] as const) {
  test(`${name} bytes fail the stream`, async () => {
    await assert.rejects(lengthOf(exactBody(pieces(...lengths), 10)), /10 long/);
  });
}
