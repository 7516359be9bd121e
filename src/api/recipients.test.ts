import assert from "node:assert/strict";
import { test } from "node:test";
import type { EnvelopeRecipient, Mailbox } from "#core/index.ts";
import { recipientLines } from "./recipients.ts";

const box = (address: string): Mailbox => ({ name: "", address });
const one = (address: string, more: Partial<EnvelopeRecipient> = {}): EnvelopeRecipient => ({
  address,
  role: "unknown",
  relation: "direct",
  via: null,
  source: "report",
  ...more,
});

/** Columns: name, To/Cc/Bcc of the header, envelope, and per line `address E H how`. */
const cases: [string, { to?: string[]; cc?: string[]; bcc?: string[] }, EnvelopeRecipient[] | null, string[]][] = [
  [
    "a recipient in both is said once, with its header role",
    { to: ["bob@x"] },
    [one("bob@x")],
    ["bob@x EH To, envelope and header"],
  ],
  [
    "a Bcc recipient found only in the report is kept",
    { to: ["bob@x"] },
    [one("bob@x"), one("eve@x", { role: "bcc" })],
    ["bob@x EH To, envelope and header", "eve@x E Bcc, envelope only"],
  ],
  ["one without a role is in the envelope only", {}, [one("eve@x")], ["eve@x E envelope only"]],
  [
    "one that the report calls To and the header leaves out",
    {},
    [one("eve@x", { role: "to" })],
    ["eve@x E To, envelope only"],
  ],
  [
    "a member of a list is known by the list",
    { to: ["sales@x"] },
    [one("sales@x"), one("carl@x", { relation: "expanded", via: "sales@x" })],
    ["sales@x EH To, envelope and header", "carl@x E via sales@x expanded"],
  ],
  ["a list nobody named", {}, [one("carl@x", { relation: "expanded" })], ["carl@x E list expanded"]],
  [
    "a forwarding rule",
    {},
    [one("dan@y", { relation: "forwarded", via: "dan@x" }), one("eve@y", { relation: "forwarded" })],
    ["dan@y E forwarded by dan@x", "eve@y E forwarded by rule"],
  ],
  [
    "someone named in the header who also got it through a list",
    { cc: ["carl@x"] },
    [one("carl@x", { relation: "expanded", via: "sales@x" })],
    ["carl@x EH Cc, header; also via sales@x expanded"],
  ],
  [
    "someone in the header whom the envelope does not know",
    { to: ["bob@x"], cc: ["old@x"] },
    [one("bob@x")],
    ["bob@x EH To, envelope and header", "old@x H Cc, header only"],
  ],
  ["mail without any envelope", { to: ["bob@x"] }, null, ["bob@x H header only: no envelope in this source"]],
  [
    "recipients that a server wrote into the message on its way",
    { to: ["bob@x"] },
    [one("bob@x", { source: "header" }), one("eve@x", { source: "header" })],
    ["bob@x EH To, delivery field and header", "eve@x E delivery field only"],
  ],
  [
    "case, brackets and prefix make no other address, and the header's writing is shown",
    { to: ["Bob@X"] },
    [one("<SMTP:bob@x>")],
    ["Bob@X EH To, envelope and header"],
  ],
  [
    "someone named twice in the header is one line, with the first role",
    { to: ["bob@x"], cc: ["BOB@x"] },
    null,
    ["bob@x H header only: no envelope in this source"],
  ],
  ["a group without addresses is nobody", { to: [""] }, null, []],
  ["nobody at all", {}, null, []],
];
for (const [name, { to = [], cc = [], bcc = [] }, envelope, expected] of cases) {
  test(name, () => {
    const lines = recipientLines({ to: to.map(box), cc: cc.map(box), bcc: bcc.map(box) }, envelope);
    const got = lines.map(
      ({ address, inEnvelope, inHeader, how }) => `${address} ${inEnvelope ? "E" : ""}${inHeader ? "H" : ""} ${how}`,
    );
    assert.deepEqual(got, expected);
  });
}
