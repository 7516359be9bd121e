import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorId, EnvelopeSources, Instant, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type { SpooledItem, SpoolId } from "#spool/index.ts";
import { readItem } from "./read-item.ts";

const mail = [
  "Return-Path: <bounce@lists.example>",
  "X-Envelope-To: <Bob@example.org>, eve@example.org,",
  " journal@archive.example",
  "X-Envelope-To: broken <<",
  "Delivered-To: dan@example.org",
  "Authentication-Results: mx.example; spf=fail smtp.mailfrom=a.example; dkim=pass",
  "Authentication-Results: older.example; spf=pass",
  "From: ann@example.org",
  "To: bob@example.org",
  "Subject: copy",
  "",
  "text",
  "",
].join("\r\n");

function reading(envelope: EnvelopeSources | undefined, rcptTo: string[], type: "standard" | "eej" = "standard") {
  const bytes = Buffer.from(mail);
  const item: SpooledItem = {
    id: "0".repeat(32) as SpoolId,
    bytes: bytes.length,
    sha256: "0".repeat(64) as Sha256,
    pieces: [],
    arrival: {
      receipt: "rcp_1" as ReceiptId,
      destination: {
        ...{ tenant: "acme" as TenantId, connector: "con_1" as ConnectorId, type, maxAgeDays: null },
        ...(envelope === undefined ? {} : { envelope }),
      },
      hop: {
        ...{ transport: "smtp", peer: "192.0.2.1:25", helo: "mx", tls: null, mailFrom: "ann@example.org", rcptTo },
        ...{ uidl: null, begunAt: 0 as Instant },
      },
      sourceKey: null,
      receivedAt: 0 as Instant,
    },
  };
  return readItem(item, bytes, null).receipt;
}
const journal = "journal@archive.example";
const copies = [journal, "journal+bob=example.org@archive.example", "journal+zoe=example.org@archive.example"];
const shortOf = (receipt: ReturnType<typeof reading>) =>
  receipt.envelope?.recipients.map(({ address, role, source }) => `${address} ${role} ${source}`);

test("without a word of the connector nothing in a message or an address makes an envelope", () => {
  assert.equal(reading(undefined, copies).envelope, null);
  assert.equal(reading({ headers: [], subAddressOf: null }, copies).envelope, null);
});

test("sub-addresses name recipients of the hop, and the sender is the hop's", () => {
  const receipt = reading({ headers: [], subAddressOf: journal }, copies);
  assert.deepEqual(shortOf(receipt), ["bob@example.org to hop", "zoe@example.org unknown hop"]);
  assert.equal(receipt.envelope?.sender, "ann@example.org");
});

test("named header fields name recipients, all of them, each once, and never the journal address", () => {
  const receipt = reading({ headers: ["x-envelope-to"], subAddressOf: null }, [journal]);
  assert.deepEqual(shortOf(receipt)?.slice(0, 2), ["Bob@example.org to header", "eve@example.org unknown header"]);
  assert.equal(
    shortOf(receipt)?.some((line) => line.includes("journal@") || line.includes("dan@")),
    false,
  );
  assert.equal(receipt.envelope?.sender, null);
});

test("what the hop says comes first, and a named sender field wins over the copy's own sender", () => {
  const receipt = reading({ headers: ["Delivered-To", "return-path"], subAddressOf: journal }, copies);
  assert.deepEqual(shortOf(receipt), [
    "bob@example.org to hop",
    "zoe@example.org unknown hop",
    "dan@example.org unknown header",
  ]);
  assert.equal(receipt.envelope?.sender, "bounce@lists.example");
});

test("a connector for journal reports believes no header field of an ordinary mail", () => {
  assert.equal(reading({ headers: ["x-envelope-to"], subAddressOf: journal }, copies, "eej").envelope, null);
});

test("what the source's servers found of SPF and DKIM is recorded from the topmost field", () => {
  assert.match(reading(undefined, [journal]).hop.authentication ?? "", /^mx\.example; spf=fail .* dkim=pass$/);
});
