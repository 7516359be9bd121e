import assert from "node:assert/strict";
import { test } from "node:test";
import { addressForms, addressProblem } from "./journal-address.ts";

const addresses: [string, boolean][] = [
  ["journal@example.com", true],
  ["j-7f3k@Journal.Example.COM", true],
  ["a.b+c=d@x", true],
  ["journal@xn--bcher-kva.example", true],
  ["journal", false],
  ["@example.com", false],
  ["journal@", false],
  ["two@at@example.com", false],
  ["jour nal@example.com", false],
  [".journal@example.com", false],
  ["jour..nal@example.com", false],
  ['"quoted"@example.com', false],
  ["<journal@example.com>", false],
  ["journal@-example.com", false],
  ["journal@exa_mple.com", false],
  ["journal@example..com", false],
  ["journal@bücher.example", false],
  ["jöurnal@example.com", false],
  ["journal@example.com\r\n", false],
  [`${"x".repeat(64)}@example.com`, true],
  [`${"x".repeat(65)}@example.com`, false],
  [`j@${"x".repeat(63)}.com`, true],
  [`j@${"x".repeat(64)}.com`, false],
  [`j@${"a.".repeat(125)}ab`, true],
  [`j@${"a.".repeat(125)}abc`, false],
];
for (const [address, isGood] of addresses) {
  test(`${JSON.stringify(address).slice(0, 60)} ${isGood ? "can" : "cannot"} be a journal address`, () => {
    const problem = addressProblem(address);
    assert.equal(problem === null, isGood, String(problem));
  });
}

const forms: [string, string[]][] = [
  ["J@Example.com", ["j@example.com"]],
  ["<j+x@example.com>", ["j+x@example.com", "j@example.com"]],
  ["j+a+b@example.com", ["j+a+b@example.com", "j+a@example.com", "j@example.com"]],
  ["+a@example.com", ["+a@example.com"]],
  ["j+alice=example.org@x", ["j+alice=example.org@x", "j@x"]],
  ['"j+\\"a b\\"=example.org"@x', ['"j+\\"a b\\"=example.org"@x', "j@x"]],
  ["nobody", ["nobody"]],
];
for (const [recipient, expected] of forms) {
  test(`${recipient} may be known as ${expected.join(", ")}`, () => {
    assert.deepEqual(addressForms(recipient), expected);
  });
}
