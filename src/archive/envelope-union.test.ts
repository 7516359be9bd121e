import assert from "node:assert/strict";
import { test } from "node:test";
import type { Envelope, EnvelopeRecipient } from "#core/index.ts";
import { envelopeUnion } from "./envelope-union.ts";

function envelope(sender: string | null, ...recipients: [string, EnvelopeRecipient["role"]][]): Envelope {
  return {
    sender,
    onBehalfOf: null,
    recipients: recipients.map(([address, role]) => ({
      address,
      role,
      relation: "direct",
      via: null,
      source: "report",
    })),
  };
}

test("no receipt with an envelope makes no envelope", () => {
  assert.equal(envelopeUnion([null, null]), null);
  assert.equal(envelopeUnion([]), null);
});

test("two forks of one report make one list, each address once", () => {
  const union = envelopeUnion([
    envelope("ann@x", ["bob@x", "to"]),
    null,
    envelope("ann@x", ["BOB@x", "to"], ["eve@x", "bcc"]),
  ]);
  assert.deepEqual(union, envelope("ann@x", ["bob@x", "to"], ["eve@x", "bcc"]));
});

test("a later report that knows the role wins, one that does not know it does not", () => {
  const known = envelope(null, ["bob@x", "bcc"]);
  const unknown = envelope(null, ["bob@x", "unknown"]);
  assert.deepEqual(envelopeUnion([unknown, known])?.recipients, known.recipients);
  assert.deepEqual(envelopeUnion([known, unknown])?.recipients, known.recipients);
});

test("the first sender that is stated is the sender", () => {
  assert.equal(envelopeUnion([envelope(null), envelope("ann@x"), envelope("eve@x")])?.sender, "ann@x");
});
