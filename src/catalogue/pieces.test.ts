import assert from "node:assert/strict";
import { test } from "node:test";
import { lookUp, pieceRowsMax, pieces } from "./pieces.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test("cuts rows into powers of two and loses none", () => {
  const lengthsByCount: [number, number[]][] = [
    [0, []],
    [1, [1]],
    [3, [2, 1]],
    [pieceRowsMax - 1, [32, 16, 8, 4, 2, 1]],
    [pieceRowsMax, [64]],
    [pieceRowsMax + 1, [64, 1]],
    [200, [64, 64, 64, 8]],
  ];
  for (const [count, lengths] of lengthsByCount) {
    const cut = pieces(upTo(count));
    assert.deepEqual(
      cut.map((piece) => piece.length),
      lengths,
    );
    assert.deepEqual(cut.flat(), upTo(count));
  }
});

test("looks each value up once, in lists whose lengths are powers of two", async () => {
  const lengthsByCount: [number, number[]][] = [
    [0, []],
    [1, [1]],
    [3, [4]],
    [pieceRowsMax - 1, [64]],
    [pieceRowsMax, [64]],
    [pieceRowsMax + 1, [64, 1]],
  ];
  for (const [count, lengths] of lengthsByCount) {
    const asked: number[] = [];
    const found = await lookUp([...upTo(count), ...upTo(count)], async (list) => {
      asked.push(list.length);
      return [...new Set(list)];
    });
    assert.deepEqual(asked, lengths);
    assert.deepEqual(found, upTo(count));
  }
});
