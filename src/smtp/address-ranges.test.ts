import assert from "node:assert/strict";
import { test } from "node:test";
import { addressAndPort, addressIn, addressRanges, plainAddress } from "./address-ranges.ts";

const cases: [range: string, inside: string[], outside: string[]][] = [
  ["192.0.2.0/24", ["192.0.2.0", "192.0.2.255"], ["192.0.1.255", "192.0.3.0", "::1", "", "unknown"]],
  ["192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]],
  ["192.0.2.7/32", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]],
  ["192.0.2.9/24", ["192.0.2.1"], ["192.0.3.1"]],
  ["0.0.0.0/0", ["203.0.113.9"], ["2001:db8::1"]],
  ["2001:db8::/32", ["2001:db8::1", "2001:db8:ffff::1"], ["2001:db9::1", "192.0.2.1"]],
  ["::1", ["::1"], ["::2", "127.0.0.1"]],
];

for (const [range, inside, outside] of cases) {
  test(`${range} has its addresses and no other`, () => {
    const ranges = addressRanges([range]);
    for (const address of inside) assert.equal(ranges.has(address), true, address);
    for (const address of outside) assert.equal(ranges.has(address), false, address);
  });
}

test("several ranges are one set, and none has nothing", () => {
  const both = addressRanges(["192.0.2.0/24", "2001:db8::/32"]);
  assert.deepEqual([both.has("192.0.2.1"), both.has("2001:db8::1"), both.has("192.0.3.1")], [true, true, false]);
  assert.equal(addressRanges([]).has("127.0.0.1"), false);
});

for (const text of [
  "",
  "x",
  "192.0.2.0/33",
  "2001:db8::/129",
  "192.0.2/24",
  "192.0.2.0/",
  "192.0.2.0/-1",
  "localhost",
]) {
  test(`${JSON.stringify(text)} is no range`, () => {
    assert.throws(() => addressRanges([text]), { code: "ADDRESS-RANGE" });
  });
}

test("an IPv4 peer of an IPv6 socket is written as what it is", () => {
  assert.equal(plainAddress("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(plainAddress("2001:db8::1"), "2001:db8::1");
  assert.equal(addressAndPort("192.0.2.7", 25), "192.0.2.7:25");
  assert.equal(addressAndPort("2001:db8::1", 25), "[2001:db8::1]:25");
  assert.equal(addressIn("192.0.2.7:25"), "192.0.2.7");
  assert.equal(addressIn("[2001:db8::1]:25"), "2001:db8::1");
});
