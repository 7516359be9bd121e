import assert from "node:assert/strict";
import { test } from "node:test";
import { openToAll } from "./permission.ts";
import { providerRanges } from "./provider-ranges.ts";
import { changedRules, changedSmtp, envelopeHeadersMax, permittedRangesMax, withRange } from "./sending-rules.ts";

const ranges = (count: number) => Array.from({ length: count }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`);

test("what is left out of a change stays, and a list has nothing twice", () => {
  const before = changedSmtp(undefined, { permitted: ["192.0.2.1", " 192.0.2.1 ", "2001:DB8::/32"], requireTls: true });
  assert.deepEqual(before, { ...openToAll, permitted: ["192.0.2.1", "2001:db8::/32"], requireTls: true });
  assert.deepEqual(changedSmtp(before, { presets: ["microsoft-365"] }), { ...before, presets: ["microsoft-365"] });
});

test("a fingerprint is taken as tools print it", () => {
  const printed = Array.from({ length: 32 }, () => "AB").join(":");
  assert.equal(changedSmtp(undefined, { certificate: printed }).certificate, "ab".repeat(32));
  assert.throws(() => changedSmtp(undefined, { certificate: "abc" }), { code: "CON-SOURCES" });
});

test("ranges that are none, unknown providers and endless lists are refused", () => {
  assert.throws(() => changedSmtp(undefined, { permitted: ["192.0.2.0/33"] }), { code: "ADDRESS-RANGE" });
  assert.throws(() => changedSmtp(undefined, { presets: ["nobody"] }), { code: "CON-SOURCES" });
  assert.equal(changedSmtp(undefined, { permitted: ranges(permittedRangesMax) }).permitted.length, permittedRangesMax);
  assert.throws(() => changedSmtp(undefined, { permitted: ranges(permittedRangesMax + 1) }), { code: "CON-SOURCES" });
});

test("one more address is allowed where there is a list, and never closes an open connector", () => {
  const listed = changedSmtp(undefined, { permitted: ["192.0.2.1"] });
  assert.deepEqual(withRange(listed, "192.0.2.9").permitted, ["192.0.2.1", "192.0.2.9"]);
  assert.deepEqual(withRange(listed, "192.0.2.1"), listed);
  assert.throws(() => withRange(undefined, "192.0.2.9"), { code: "CON-OPEN" });
});

test("envelope headers are names of header fields, without a colon and once", () => {
  const { envelopeHeaders } = changedRules(undefined, {
    envelopeHeaders: ["X-Envelope-To:", "x-envelope-to", "Delivered-To"],
  });
  assert.deepEqual(envelopeHeaders, ["x-envelope-to", "Delivered-To"]);
  for (const wrong of ["", "two words", "ümlaut", "a".repeat(77)])
    assert.throws(() => changedRules(undefined, { envelopeHeaders: [wrong] }), { code: "CON-ENVELOPE" });
  const many = (count: number) => Array.from({ length: count }, (_, n) => `X-${n}`);
  assert.equal(changedRules(undefined, { envelopeHeaders: many(envelopeHeadersMax) }).envelopeHeaders.length, 20);
  assert.throws(() => changedRules(undefined, { envelopeHeaders: many(envelopeHeadersMax + 1) }), {
    code: "CON-ENVELOPE",
  });
});

test("every provider's ranges can be used, and say where they are from and as of when", () => {
  for (const { id, ranges, source, asOf } of providerRanges) {
    assert.equal(changedSmtp(undefined, { presets: [id], permitted: [...ranges] }).permitted.length, ranges.length, id);
    assert.ok(source !== "" && asOf !== "", id);
  }
});
