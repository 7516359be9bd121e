import assert from "node:assert/strict";
import { test } from "node:test";
import { readPath } from "./path.ts";

const paths: [what: string, text: string, address: string | null, parameters?: string][] = [
  ["a mailbox", "FROM:<a@b.test>", "a@b.test"],
  ["the null path", "FROM:<>", ""],
  ["a bare local part", "FROM:<postmaster>", "postmaster"],
  ["parameters behind it", "from: <a@b.test>  SIZE=1 BODY=7BIT", "a@b.test", "SIZE=1 BODY=7BIT"],
  ["parameters behind the null path", "FROM:<> SIZE=1", "", "SIZE=1"],
  ["a source route", "FROM:<@x.test,@y.test:a@b.test>", "a@b.test"],
  ["quotes that are needed", 'FROM:<"a b"@b.test>', '"a b"@b.test'],
  ["quotes around what looks like an address", 'FROM:<"a@c.test"@b.test>', '"a@c.test"@b.test'],
  ["quotes around a bracket", 'FROM:<"a> SIZE=1"@b.test>', '"a> SIZE=1"@b.test'],
  ["quotes that are not needed", 'FROM:<"a.\\b"@b.test>', "a.b@b.test"],
  ["an address literal", "FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"],
  ["signs that are allowed", "FROM:<a!#$%&'*+-/=?^_`{|}~z@b.test>", "a!#$%&'*+-/=?^_`{|}~z@b.test"],
  ["dots where they should not be", "FROM:<.a..b.@b.test>", ".a..b.@b.test"],
  ["an underscore in the domain", "FROM:<a@my_host.test>", "a@my_host.test"],
  ["letters that are not ASCII", "FROM:<ä@пример.test>", "ä@пример.test"],
  ["signs beyond the basic plane", "FROM:<😀@b.test>", "😀@b.test"],
  ["no keyword", "<a@b.test>", null],
  ["the other keyword", "TO:<a@b.test>", null],
  ["no brackets", "FROM:a@b.test", null],
  ["an open bracket", "FROM:<a@b.test", null],
  ["text behind the bracket", "FROM:<a@b.test>x", null],
  ["a blank inside", "FROM:<a b@b.test>", null],
  ["an open quote", 'FROM:<"a@b.test>', null],
  ["an empty label", "FROM:<a@b..test>", null],
  ["a domain alone", "FROM:<@b.test>", null],
  ["two at signs", "FROM:<a@b@c.test>", null],
  ["a route alone", "FROM:<@x.test:>", null],
];

for (const [what, text, address, parameters = ""] of paths) {
  test(`${address === null ? "turns away" : "reads"} ${what}`, () => {
    assert.deepEqual(readPath("FROM", text), address === null ? null : { address, parameters });
  });
}

test("takes a path of 256 octets with its brackets, not signs, and no longer one", () => {
  assert.notEqual(readPath("TO", `TO:<a@${"b".repeat(252)}>`), null);
  assert.equal(readPath("TO", `TO:<a@${"b".repeat(253)}>`), null);
  assert.equal(readPath("TO", `TO:<${"ä".repeat(125)}@b.t>`)?.address.length, 129);
  assert.equal(readPath("TO", `TO:<${"ä".repeat(125)}@b.te>`), null);
});

test("reads a route and quotes of any length in linear time", () => {
  for (const hostile of [
    `TO:<${"@a".repeat(50_000)}`,
    `TO:<${"@a,".repeat(50_000)}`,
    `TO:<@${"a.".repeat(50_000)}`,
    `TO:<"${'\\"'.repeat(50_000)}`,
    `TO:<a@${"a.".repeat(50_000)}>`,
  ]) {
    assert.equal(readPath("TO", hostile), null);
  }
});
