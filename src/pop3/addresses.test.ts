import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressProblem, isNetwork } from "./addresses.ts";

const publicOnly = { kind: "public", allowed: [] } as const;

const closed = [
  "127.0.0.1",
  "127.255.255.255",
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "169.254.169.254",
  "172.16.0.0",
  "172.31.255.255",
  "192.168.0.1",
  "198.19.255.255",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fd00::1",
  "fc00::",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:10.0.0.1",
  "64:ff9b::127.0.0.1",
  "2002:7f00:1::",
  "2002:c0a8:101::1",
];
const open = [
  "1.1.1.1",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "198.20.0.0",
  "223.255.255.255",
];
const open6 = ["2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "fbff::1"];
const none = [
  "",
  "localhost",
  "0x7f.1",
  "0177.0.0.1",
  "2130706433",
  "127.1",
  "1.2.3.4.5",
  "256.1.1.1",
  "::1::",
  "1:2:3",
  "[::1]",
  "/tmp/s",
];

for (const address of closed)
  test(`${address} is refused unless allowed`, () => {
    assert.notEqual(addressProblem(address, publicOnly), null);
    assert.equal(addressProblem(address, { kind: "any" }), null);
  });
for (const address of [...open, ...open6])
  test(`${address} may be reached`, () => assert.equal(addressProblem(address, publicOnly), null));
for (const address of none)
  test(`${JSON.stringify(address)} is no address, whatever is allowed`, () => {
    assert.equal(addressProblem(address, publicOnly), "not an IP address");
    assert.equal(addressProblem(address, { kind: "any" }), "not an IP address");
  });

test("an allowed network opens itself and nothing beside it, also in IPv6 clothes", () => {
  const rule = { kind: "public", allowed: ["10.0.0.0/30", "fd00::/127", "192.168.1.1"] } as const;
  assert.equal(addressProblem("10.0.0.3", rule), null);
  assert.equal(addressProblem("::ffff:10.0.0.3", rule), null);
  assert.notEqual(addressProblem("10.0.0.4", rule), null);
  assert.equal(addressProblem("fd00::1", rule), null);
  assert.notEqual(addressProblem("fd00::2", rule), null);
  assert.equal(addressProblem("192.168.1.1", rule), null);
  assert.notEqual(addressProblem("192.168.1.2", rule), null);
});

test("networks are told from what is none", () => {
  for (const text of ["10.0.0.0/8", "::/0", "1.2.3.4", "fe80::1"]) assert.ok(isNetwork(text), text);
  for (const text of ["", "10.0.0.0/33", "10.0.0.0/", "10/8", "::/129", "1.2.3.4/8/8", "a/8"])
    assert.ok(!isNetwork(text), text);
});

test("an IPv4 address is judged alike however IPv6 carries it", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a, b, c, d] = address.split(".").map(Number) as [number, number, number, number];
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      const judged = addressProblem(address, publicOnly);
      for (const carried of [`::ffff:${address}`, `::ffff:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::`])
        assert.equal(addressProblem(carried, publicOnly), judged, carried);
    }),
  );
});
