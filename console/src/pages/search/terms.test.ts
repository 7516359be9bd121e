import assert from "node:assert/strict";
import { test } from "node:test";
import { dateTerms, relaxed, topTerms } from "./terms.ts";

test("splits at blanks, but not inside quotes and brackets", () => {
  const table: [string, string[]][] = [
    ["", []],
    ["  anna   bob ", ["anna", "bob"]],
    ['from:anna "term sheet"', ["from:anna", '"term sheet"']],
    ['subject:"a b" -from:(x OR y) c', ['subject:"a b"', "-from:(x OR y)", "c"]],
    ['"never closed after:2026-01-01', ['"never closed after:2026-01-01']],
  ];
  for (const [q, terms] of table) assert.deepEqual(topTerms(q), terms, q);
});

test("leaves out one part at a time", () => {
  assert.deepEqual(relaxed("anna is:held"), [
    { part: "anna", q: "is:held" },
    { part: "is:held", q: "anna" },
  ]);
});

test("does not take apart a search of one part, of many, or with OR", () => {
  for (const q of ["anna", "a b c d e f", "a OR b", "from: anna"]) assert.deepEqual(relaxed(q), [], q);
});

test("keeps the dates of a search and nothing else", () => {
  const table: [string, string][] = [
    ["anna", ""],
    ["anna after:2026-01-01 before:2026-02-01", "after:2026-01-01 before:2026-02-01"],
    ['"after:2026-01-01"', ""],
    ["(a OR after:2026-01-01) on:2026-03-01", "on:2026-03-01"],
  ];
  for (const [q, dates] of table) assert.equal(dateTerms(q), dates, q);
});
