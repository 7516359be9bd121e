import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EnvelopeRecipient } from "#core/index.ts";
import { readExchange2003Report } from "./exchange-2003.ts";

interface Facts {
  sender: string;
  messageId: string;
  recipients: { name: string | null; address: string }[];
}

const written = (name: string | null, address: string): string => (name === null ? address : `"${name}" <${address}>`);

/** The report text that Exchange 2003 would write of these facts. */
function write({ sender, messageId, recipients }: Facts): string {
  const lines = recipients.map(({ name, address }) => `\t${written(name, address)}\n`);
  return `Sender: ${written("Ann", sender)}\nMessage-ID: ${messageId}\nRecipients:\n${lines.join("")}`;
}

const address = fc.oneof(fc.emailAddress(), fc.constantFrom("/o=a/cn=b", "jürgen@x", "a@b."));
const name = fc.string({ maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ""));

test("what is written of an envelope is what is read", () => {
  const facts: fc.Arbitrary<Facts> = fc.record({
    sender: address,
    messageId: fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, "").trim()),
    recipients: fc.array(fc.record({ name: fc.option(name, { nil: null }), address }), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(facts, (expected) => {
      const { sender, messageId, recipients, remarks, hasRecipientLine } = readExchange2003Report(write(expected));
      const addresses = expected.recipients.map((one): EnvelopeRecipient => {
        return { address: one.address, role: "unknown", relation: "direct", via: null, source: "report" };
      });
      assert.deepEqual({ sender, messageId, recipients }, { ...expected, recipients: addresses });
      assert.deepEqual([remarks, hasRecipientLine], [[], true]);
    }),
  );
});

test("any text can be read as a report", () => {
  const pieces = fc.constantFrom("Sender:", "Recipients:", "\n", "\t", " ", "<", ">", '"', "a@b", ":", "Message-ID: ");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (list) => {
      for (const { address } of readExchange2003Report(list.join("")).recipients)
        assert.ok(address !== "" && address === address.trim());
    }),
  );
});

test("reads a hundred thousand recipients", { timeout: 60_000 }, () => {
  const recipients = Array.from({ length: 100_000 }, (_, index) => ({ name: "P", address: `p${index}@example.com` }));
  const report = readExchange2003Report(write({ sender: "a@x", messageId: "<1@x>", recipients }));
  assert.equal(report.recipients.length, 100_000);
  assert.equal(report.recipients.at(-1)?.address, "p99999@example.com");
});
