import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesText, countText, shareText } from "./numbers.ts";
import { spanText } from "./time.ts";

function check<Input extends readonly unknown[]>(render: (...input: Input) => string, table: [Input, string][]) {
  for (const [input, words] of table) assert.equal(render(...input), words, JSON.stringify(input));
}

test("counts have their thousands apart", () => {
  check(countText, [
    [[0], "0"],
    [[7300], "7,300"],
    [[3204118], "3,204,118"],
  ]);
});

test("a share never shows a little as none, nor almost all as all", () => {
  check(shareText, [
    [[0, 0], "–"],
    [[0, 5], "0%"],
    [[5, 5], "100%"],
    [[1, 3], "33.3%"],
    [[1, 100_000], "<0.1%"],
    [[99_999, 100_000], ">99.9%"],
  ]);
});

test("sizes change their unit at a thousand", () => {
  check(bytesText, [
    [[0], "0 B"],
    [[999], "999 B"],
    [[1000], "1 kB"],
    [[24_110], "24.1 kB"],
    [[26_214_400], "26.2 MB"],
  ]);
});

test("spans are told in their two largest units", () => {
  check(spanText, [
    [[-1], "0 s"],
    [[59.9], "59 s"],
    [[60], "1 min"],
    [[3599], "59 min"],
    [[3600], "1 h"],
    [[7800], "2 h 10 min"],
    [[86_400], "1 d"],
    [[277_200], "3 d 5 h"],
  ]);
});
