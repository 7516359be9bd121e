import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ConnectorId, Envelope, EnvelopeSources, Instant, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type { SpooledItem, SpoolId } from "#spool/index.ts";
import { readItem } from "./read-item.ts";

/** What a connector declares, what the hop said, and the envelope that follows. */
interface Expected {
  connector: EnvelopeSources;
  hop: { mailFrom: string; rcptTo: string[] };
  envelope: Envelope | null;
}

const fixtures = join(import.meta.dirname, "../../fixtures/journal");

/** Reads a fixture as one that came to a connector of this type, or through one that declares nothing. */
function receiptOf(file: string, expected: Expected, type: "standard" | "eej" = "standard") {
  const bytes = readFileSync(file);
  const item: SpooledItem = {
    id: "0".repeat(32) as SpoolId,
    bytes: bytes.length,
    sha256: "0".repeat(64) as Sha256,
    pieces: [],
    arrival: {
      receipt: "rcp_1" as ReceiptId,
      destination: {
        ...{ tenant: "acme" as TenantId, connector: "con_1" as ConnectorId, type, maxAgeDays: null },
        envelope: expected.connector,
      },
      hop: {
        ...{ transport: "smtp", peer: "192.0.2.1:25", helo: "mx", tls: null, ...expected.hop },
        ...{ uidl: null, begunAt: 0 as Instant },
      },
      sourceKey: null,
      receivedAt: 0 as Instant,
    },
  };
  return readItem(item, bytes, false);
}

for (const source of ["zimbra", "postfix", "google"]) {
  for (const name of readdirSync(join(fixtures, source)).filter((file) => file.endsWith(".eml"))) {
    test(`reads of ${source}/${name} the envelope that its connector declares, and no other`, () => {
      const file = join(fixtures, source, name);
      const json = readFileSync(file.replace(/\.eml$/, ".expected.json"), "utf8");
      const expected = JSON.parse(json) as Expected;
      assert.deepEqual(receiptOf(file, expected).receipt.envelope, expected.envelope);
      const silent = { ...expected, connector: { headers: [], subAddressOf: null } };
      assert.equal(receiptOf(file, silent).receipt.envelope, null);
    });
  }
}

test("a standard connector unwraps no report, whoever wrote it", () => {
  for (const name of ["exchange/minimal", "exchange-2003/misspelt-marker", "bounce/around-a-report"]) {
    const expected: Expected = {
      connector: { headers: [], subAddressOf: null },
      hop: { mailFrom: "", rcptTo: [] },
      envelope: null,
    };
    const file = join(fixtures, `${name}.eml`);
    const { message, report, receipt } = receiptOf(file, expected);
    assert.deepEqual([report, receipt.envelope, receipt.flags, receipt.state], [null, null, [], "archived"], name);
    assert.deepEqual(Buffer.from(message.bytes), readFileSync(file), name);
    assert.notEqual(receiptOf(file, expected, "eej").report, null, name);
  }
});

test("a report without its message is quarantined with the envelope that it states", () => {
  const expected: Expected = {
    connector: { headers: [], subAddressOf: null },
    hop: { mailFrom: "", rcptTo: [] },
    envelope: null,
  };
  const { receipt } = receiptOf(join(fixtures, "exchange/inner-missing.eml"), expected, "eej");
  assert.deepEqual([receipt.state, receipt.reason], ["quarantined", "inner_missing"]);
  assert.deepEqual(
    receipt.envelope?.recipients.map(({ address }) => address),
    ["bob@example.com"],
  );
});
