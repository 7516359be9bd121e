import assert from "node:assert/strict";
import { test } from "node:test";
import type { Envelope, Mailbox } from "#core/index.ts";
import { correspondentsOf, type Direction, directionOf, readDomain } from "./direction.ts";

const own = ["example.com", "*.example.com", "xn--bcher-kva.example"];

const cases: [senders: string, recipients: string, direction: Direction][] = [
  ["ann@example.com", "bob@example.com", "internal"],
  ["ann@EXAMPLE.com", "bob@Mail.Example.Com, eve@example.com", "internal"],
  ["ann@example.com", "bob@example.com, zoe@example.org", "outbound"],
  ["ann@example.com", "zoe@example.org", "outbound"],
  ["zoe@example.org", "bob@example.com, yan@example.net", "inbound"],
  ["zoe@example.org", "yan@example.net", "other"],
  ["ann@example.com", "", "other"],
  ["", "bob@example.com", "inbound"],
  ["", "", "other"],
  ["ann@example.com", "/o=example/cn=bob, bob@example.com", "internal"],
  ["ann@notexample.com", "bob@example.com", "inbound"],
  ["ann@bücher.example", "bob@example.com", "internal"],
  ['"a@example.org"@example.com', "bob@example.com", "internal"],
];
for (const [senders, recipients, direction] of cases) {
  test(`mail from ${senders || "nobody"} to ${recipients || "nobody"} is ${direction}`, () => {
    const list = (text: string) => text.split(", ").filter((one) => one !== "");
    assert.equal(directionOf({ senders: list(senders), recipients: list(recipients) }, own), direction);
  });
}

test("without own domains there is no direction", () => {
  assert.equal(directionOf({ senders: ["a@x.example"], recipients: ["b@x.example"] }, []), null);
});

test("a wildcard stands for what is under it and not for itself", () => {
  const to = (recipient: string) =>
    directionOf({ senders: ["z@example.org"], recipients: [recipient] }, ["*.a.example"]);
  assert.deepEqual([to("x@b.a.example"), to("x@a.example"), to("x@ba.example")], ["inbound", "other", "other"]);
});

test("domains are compared in one form, and what is none is refused", () => {
  assert.deepEqual(
    [" Example.COM. ", "*.Bücher.example", "a b.example", "", "*.", "x@example.com", `${"a.".repeat(127)}aa`].map(
      readDomain,
    ),
    ["example.com", "*.xn--bcher-kva.example", null, null, null, null, null],
  );
});

const box = (address: string): Mailbox => ({ name: "", address });
const envelope = (sender: string | null, ...addresses: string[]): Envelope => ({
  ...{ sender, onBehalfOf: null },
  recipients: addresses.map((address) => ({
    ...{ address, role: "unknown" as const, relation: "direct" as const, via: null, source: "report" as const },
  })),
});

test("the envelopes of all receipts decide, and the header only where there is none", () => {
  const header = { from: [box("ann@example.com")], to: [box("list@example.com")], cc: [], bcc: [box("c@example.com")] };
  const of = (...envelopes: (Envelope | null)[]) =>
    correspondentsOf({ ...header, receipts: envelopes.map((each) => ({ envelope: each }) as never) });
  assert.deepEqual(of(null), { senders: ["ann@example.com"], recipients: ["list@example.com", "c@example.com"] });
  assert.deepEqual(of(envelope("ann@example.com", "bob@example.com"), envelope(null, "zoe@example.org")), {
    senders: ["ann@example.com"],
    recipients: ["bob@example.com", "zoe@example.org"],
  });
  assert.deepEqual(of(envelope("<>", "bob@example.com")).senders, ["ann@example.com"]);
});
