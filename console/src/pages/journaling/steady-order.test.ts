import assert from "node:assert/strict";
import { test } from "node:test";
import { steadyOrder } from "./steady-order.ts";

test("keeps rows where they are, drops what is gone and adds what is new at the end", () => {
  const table: [wanted: string, shown: string, order: string, moves: number][] = [
    ["abc", "abc", "abc", 0],
    ["bac", "abc", "abc", 2],
    ["ac", "abc", "ac", 0],
    ["xabc", "abc", "abcx", 4],
    ["abcx", "abc", "abcx", 0],
    ["", "abc", "", 0],
    ["ab", "", "ab", 0],
  ];
  for (const [wanted, shown, order, moves] of table) {
    assert.deepEqual(steadyOrder([...wanted], [...shown]), { order: [...order], moves }, `${shown} to ${wanted}`);
  }
});
