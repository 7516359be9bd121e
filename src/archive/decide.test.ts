import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryCatalogue } from "#catalogue/memory.ts";
import type { Instant, MessageId, ReceiptId, Sha256 } from "#core/index.ts";
import { acme, type Batches, openBatches } from "../../test/support/batches.ts";
import { sha256 } from "../../test/support/bytes.ts";
import { adoptPacks } from "./adopt.ts";
import { createQuarantine } from "./quarantine.ts";
import { gather } from "./retrieve.ts";

const inner = "From: ann@example.com\r\nTo: bob@example.com\r\nSubject: inner\r\n\r\nhello\r\n";
const report = Buffer.from(
  [
    "From: exchange@example.com",
    "Sender: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>",
    "X-MS-Journal-Report:",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Sender: ann@example.com",
    "Subject: inner",
    "To: bob@example.com",
    "Bcc: eve@example.com",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `${inner}--b--`,
    "",
  ].join("\r\n"),
);
const ordinary = Buffer.from("From: a@example.com\r\nSubject: ordinary\r\n\r\ntext\r\n");

/** The quarantine over batches of this process, with the connector carrying `type`. */
function quarantineOf(batches: Batches, type: "standard" | "eej") {
  let made = 0;
  return createQuarantine({
    catalogue: batches.catalogue,
    archive: {
      original: async (tenant, row) => batches.retrieval.message(tenant, row),
      report: async (tenant, row) => (row.report === null ? undefined : batches.retrieval.report(tenant, row.report)),
    },
    record: async (_, requests) => (await batches.decide(requests)).batch.pack?.pack ?? null,
    settingsOf: async () => ({ type, maxAgeDays: null }),
    clock: { now: () => 1_800_000_000_000 as Instant, elapsedMs: () => 0, sleep: async () => undefined },
    entropy: {
      bytes: (count) => {
        made += 1;
        return Buffer.alloc(count, made);
      },
    },
  });
}

/** The receipts of a catalogue, and the messages they stand at. */
async function told(catalogue: Batches["catalogue"]) {
  const rows = await catalogue.messagesAfter(acme, null, 100);
  return { rows, tallies: await catalogue.tallies(acme), counts: await catalogue.quarantineCounts(acme) };
}

/** A catalogue made anew from the packs alone. */
async function rebuilt(batches: Batches): Promise<Batches["catalogue"]> {
  const catalogue = createMemoryCatalogue();
  await catalogue.addTenant({ id: acme, name: acme, createdAt: 0 as Instant });
  const parts = { blobs: batches.blobs, openKey: batches.openKey, log: () => undefined };
  const { unreadable } = await adoptPacks({ ...parts, catalogue }, acme, () => undefined);
  assert.deepEqual(unreadable, []);
  return catalogue;
}

const by = "maria@example.com";

test("a report that was left unread is unwrapped by a retry, and packs alone tell the same afterwards", async () => {
  const batches = await openBatches();
  const { batch } = await batches.archiveUnread(report);
  const receipt = batch.receipts[0]?.receipt as ReceiptId;
  const quarantine = quarantineOf(batches, "eej");
  assert.deepEqual(
    (await quarantine.counts(acme)).map(({ reason, count }) => [reason, count]),
    [["storing_fault", 1]],
  );
  const outcomes = await quarantine.decide(acme, { action: "retry", receipts: [receipt], by, note: null });
  assert.deepEqual(outcomes, [{ kind: "done", receipt, state: "archived", reason: null }]);
  const [row] = await batches.catalogue.receipts(acme, [receipt]);
  assert.deepEqual(
    row?.envelope?.recipients.map(({ address }) => address),
    ["bob@example.com", "eve@example.com"],
  );
  assert.deepEqual([row?.decision?.action, row?.decision?.by], ["retried", by]);
  const [message] = await batches.catalogue.messages(acme, [row?.message as MessageId]);
  assert.equal(message?.subject, "inner");
  const original = await quarantine.original(acme, receipt);
  assert.ok(original !== undefined);
  assert.equal(sha256(await gather(original.body, original.original.bytes)), sha256(report));
  const { connectors } = await batches.catalogue.tallies(acme);
  assert.deepEqual([connectors[0]?.archived, connectors[0]?.quarantined], [1, 0]);
  assert.deepEqual(await told(await rebuilt(batches)), await told(batches.catalogue));
});

test("a mail that was left unread is read by a retry, and its entry says what it is", async () => {
  const batches = await openBatches();
  const { batch } = await batches.archiveUnread(ordinary);
  const receipt = batch.receipts[0]?.receipt as ReceiptId;
  const [before] = await batches.catalogue.messages(acme, [batch.receipts[0]?.message as MessageId]);
  assert.equal(before?.subject, "");
  await quarantineOf(batches, "standard").decide(acme, { action: "retry", receipts: [receipt], by, note: null });
  const [after] = await batches.catalogue.messages(acme, [before?.id as MessageId]);
  assert.deepEqual([after?.subject, after?.receipts[0]?.state, after?.defects], ["ordinary", "archived", []]);
  assert.deepEqual(await told(await rebuilt(batches)), await told(batches.catalogue));
});

test("accepting takes an item in as the mail it is, and an equal one after it as a duplicate", async () => {
  const batches = await openBatches();
  const first = (await batches.archiveUnread(report)).batch.receipts[0]?.receipt as ReceiptId;
  const second = (await batches.archiveUnread(report)).batch.receipts[0]?.receipt as ReceiptId;
  const quarantine = quarantineOf(batches, "eej");
  const outcomes = await quarantine.decide(acme, { action: "accept", receipts: [first, second], by, note: "wanted" });
  assert.deepEqual(
    outcomes.map((one) => ("state" in one ? one.state : one.kind)),
    ["archived", "duplicate"],
  );
  const again = await quarantine.decide(acme, { action: "accept", receipts: [first], by, note: null });
  assert.deepEqual(again, [{ kind: "decided", receipt: first }]);
  const [row] = await batches.catalogue.receipts(acme, [first]);
  assert.deepEqual(row?.flags, ["accepted_as_mail"]);
  assert.deepEqual(await told(await rebuilt(batches)), await told(batches.catalogue));
});

test("discarding needs a reason, keeps every byte and the count, and can be undone", async () => {
  const batches = await openBatches();
  const { batch } = await batches.archiveUnread(ordinary);
  const receipt = batch.receipts[0]?.receipt as ReceiptId;
  const quarantine = quarantineOf(batches, "standard");
  const decide = (action: "retry" | "discard", note: string | null) =>
    quarantine.decide(acme, { action, receipts: [receipt], by, note });
  await assert.rejects(decide("discard", " "), { code: "QUARANTINE-NOTE" });
  await assert.rejects(decide("discard", "x".repeat(1_001)), { code: "QUARANTINE-NOTE" });
  await decide("discard", "x".repeat(1_000));
  assert.deepEqual(await quarantine.counts(acme), []);
  const asked = { reason: null, connector: null, after: null, limit: 10 };
  assert.equal((await quarantine.list(acme, { ...asked, discarded: false })).length, 0);
  assert.equal((await quarantine.list(acme, { ...asked, discarded: true })).length, 1);
  assert.equal((await batches.catalogue.tallies(acme)).connectors[0]?.quarantined, 1);
  const original = await quarantine.original(acme, receipt);
  assert.equal(original?.original.sha256, sha256(ordinary) as Sha256);
  assert.deepEqual(await told(await rebuilt(batches)), await told(batches.catalogue));
  const [outcome] = await decide("retry", null);
  assert.equal(outcome?.kind, "done");
  assert.deepEqual(await told(await rebuilt(batches)), await told(batches.catalogue));
});

test("a retry that comes to the same end writes nothing", async () => {
  const batches = await openBatches();
  const broken = Buffer.from(
    report.toString().replace("Sender: ann", "Nobody ann").replaceAll("To: bob", "x bob").replace("Bcc:", "x"),
  );
  const { batch } = await batches.archive([broken], "eej");
  const receipt = batch.receipts[0]?.receipt as ReceiptId;
  assert.equal(batch.receipts[0]?.reason, "envelope_unreadable");
  const packs = (await batches.catalogue.packs(acme)).length;
  const quarantine = quarantineOf(batches, "eej");
  const outcomes = await quarantine.decide(acme, { action: "retry", receipts: [receipt], by, note: null });
  assert.deepEqual(outcomes, [{ kind: "unchanged", receipt, state: "quarantined", reason: "envelope_unreadable" }]);
  assert.equal((await batches.catalogue.packs(acme)).length, packs);
  const none = "rcp_none" as ReceiptId;
  assert.deepEqual(await quarantine.decide(acme, { action: "accept", receipts: [none], by, note: null }), [
    { kind: "unknown", receipt: none },
  ]);
});
