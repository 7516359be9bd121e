import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type {
  Catalogue,
  CatalogueBatch,
  ConnectorEntry,
  CredentialEntry,
  HistoryEntry,
  MessageEntry,
  MessageRow,
  PackEntry,
  PartEntry,
  PersonEntry,
  ReceiptEntry,
  ReportEntry,
  StoredAt,
} from "#catalogue/index.ts";
import {
  type ConnectorId,
  type EnvelopeRecipient,
  type Instant,
  isFailure,
  type MessageId,
  messageIdOf,
  type PackId,
  type PartName,
  type ReceiptId,
  type Sha256,
  type TenantId,
} from "#core/index.ts";
import { auditContract } from "./catalogue-audit.ts";
import { decisionContract } from "./catalogue-decisions.ts";
import { mergeContract } from "./catalogue-merge.ts";
import { smimeContract } from "./catalogue-smime.ts";

/** Runs every promise of the Catalogue seam on one implementation; `open` gives an empty catalogue. */
export function catalogueContract(name: string, open: () => Promise<Catalogue>): void {
  describe(name, () => {
    let catalogue: Catalogue;
    before(async () => {
      catalogue = await open();
    });
    after(() => catalogue.close());

    // Tests share a catalogue and no tenant, so that none sees the mail of another.
    let tenantsMade = 0;
    const newTenant = async (): Promise<TenantId> => {
      tenantsMade += 1;
      const id = `tenant-${tenantsMade}` as TenantId;
      await catalogue.addTenant({ id, name: `Tenant ${tenantsMade}`, createdAt: at(0) });
      return id;
    };
    const context = { catalogue: () => catalogue, newTenant };
    describe("commit", () => commitContract(context));
    describe("reading", () => readingContract(context));
    describe("parts", () => partsContract(context));
    describe("merge", () => mergeContract(context));
    describe("change sequence", () => changesContract(context));
    describe("decisions", () => decisionContract(context));
    describe("S/MIME", () => smimeContract(context));
    describe("tallies", () => talliesContract(context));
    describe("tenants", () => tenantsContract(context));
    describe("connectors", () => connectorsContract(context));
    describe("people and credentials", () => peopleContract(context));
    describe("audit", () => auditContract(context));
    describe("text", () => textContract(context));
  });
}

/** What the tests of one part of the seam are given. */
export interface Context {
  catalogue(): Catalogue;
  newTenant(): Promise<TenantId>;
}

function commitContract({ catalogue, newTenant }: Context): void {
  test("adds a message, its pack and its receipt, and gives all of it back", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a", { from: [{ name: "Ann", address: "ann@example.com" }], defects: ["lone_lf"] });
    const receipt = receiptEntry("r1", message, { report: reportEntry("report"), flags: ["not_journal_report"] });
    const outcomes = await catalogue().commit(tenant, batchOf([message], [receipt]));
    assert.deepEqual(outcomes, [{ receipt: receipt.receipt, message: message.id, state: "archived", seq: 1 }]);
    const expected: MessageRow = {
      ...message,
      receipts: [{ ...receipt, state: "archived", archivedAt: at(9), seq: 1 }],
    };
    assert.deepEqual(await catalogue().messages(tenant, [message.id]), [expected]);
    assert.deepEqual(await catalogue().packs(tenant), [packEntry("p1")]);
  });

  test("adds nothing when a batch is repeated, and answers known with the first places", async () => {
    const tenant = await newTenant();
    const [a, b] = [messageEntry("a"), messageEntry("b")];
    const batch = batchOf([a, b], [receiptEntry("r1", a), receiptEntry("r2", b)]);
    const first = await catalogue().commit(tenant, batch);
    const before = await everything(catalogue(), tenant);
    const second = await catalogue().commit(tenant, batch);
    assert.deepEqual(
      second,
      first.map((outcome) => ({ ...outcome, state: "known" })),
    );
    assert.deepEqual(await everything(catalogue(), tenant), before);
  });

  test("takes the rest of a batch of which a part is there already", async () => {
    const tenant = await newTenant();
    const [a, b] = [messageEntry("a"), messageEntry("b")];
    await catalogue().commit(tenant, batchOf([a], [receiptEntry("r1", a)]));
    const outcomes = await catalogue().commit(tenant, batchOf([a, b], [receiptEntry("r1", a), receiptEntry("r2", b)]));
    assert.deepEqual(statesOf(outcomes), ["known", "archived"]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.seq),
      [1, 2],
    );
  });

  test("does not overwrite a message or a receipt that is there", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a", { subject: "first" });
    await catalogue().commit(tenant, batchOf([message], [receiptEntry("r1", message)]));
    const again = { ...message, subject: "second", pack: packEntry("p2").pack };
    const receipt = receiptEntry("r1", message, { state: "held", reason: "too_old" });
    await catalogue().commit(tenant, { ...batchOf([again], [receipt]), pack: packEntry("p2") });
    const [row] = await catalogue().messages(tenant, [message.id]);
    assert.equal(row?.subject, "first");
    assert.equal(row?.pack, packEntry("p1").pack);
    assert.equal(row?.receipts[0]?.state, "archived");
  });

  test("takes the first of two entries for one message in a batch", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a", { subject: "first" });
    const twice = [message, { ...message, subject: "second" }];
    await catalogue().commit(tenant, batchOf(twice, [receiptEntry("r1", message)]));
    assert.equal((await catalogue().messages(tenant, [message.id]))[0]?.subject, "first");
    assert.equal((await catalogue().tallies(tenant)).messages, 1);
  });

  test("makes the second archived capture a duplicate, within a batch and across batches", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const first = batchOf([message], [receiptEntry("r1", message), receiptEntry("r2", message)]);
    const second = { ...batchOf([], [receiptEntry("r3", message)]), pack: null };
    assert.deepEqual(statesOf(await catalogue().commit(tenant, first)), ["archived", "duplicate"]);
    assert.deepEqual(statesOf(await catalogue().commit(tenant, second)), ["duplicate"]);
    const [row] = await catalogue().messages(tenant, [message.id]);
    assert.deepEqual(statesOf(row!.receipts), ["archived", "duplicate", "duplicate"]);
  });

  test("leaves quarantined and held as they are, and lets neither make a duplicate", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const receipts = [
      receiptEntry("r1", message, { state: "quarantined", reason: "inner_missing" }),
      receiptEntry("r2", message, { state: "held", reason: "too_old" }),
      receiptEntry("r3", message),
      receiptEntry("r4", message, { state: "quarantined", reason: "inner_missing" }),
      receiptEntry("r5", message),
    ];
    const outcomes = await catalogue().commit(tenant, batchOf([message], receipts));
    assert.deepEqual(statesOf(outcomes), ["quarantined", "held", "archived", "quarantined", "duplicate"]);
  });

  test("keeps a forked report as one message with two receipts and two envelopes", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const receipts = ["bob@example.com", "carol@example.com"].map((address, index) =>
      receiptEntry(`r${index}`, message, {
        envelope: { sender: "ann@example.com", onBehalfOf: null, recipients: [recipient(address)] },
        report: reportEntry(`report ${index}`),
      }),
    );
    await catalogue().commit(tenant, batchOf([message], receipts));
    const [row] = await catalogue().messages(tenant, [message.id]);
    assert.deepEqual(
      row?.receipts.map((receipt) => receipt.envelope),
      receipts.map((receipt) => receipt.envelope),
    );
    assert.deepEqual(
      row?.receipts.map((receipt) => receipt.report),
      receipts.map((receipt) => receipt.report),
    );
    assert.equal((await catalogue().tallies(tenant)).messages, 1);
  });

  test("keeps every recipient of an envelope as written, also one named twice", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const envelope = {
      sender: null,
      onBehalfOf: "boss@example.com",
      recipients: [
        recipient("Bob@Example.COM"),
        recipient("bob@example.com", { role: "bcc", relation: "expanded", via: "all@example.com", source: "hop" }),
        recipient("not an address", { role: "unknown", relation: "forwarded", via: "x@y", source: "header" }),
        recipient("Bob@Example.COM"),
      ],
    };
    await catalogue().commit(tenant, batchOf([message], [receiptEntry("r1", message, { envelope })]));
    assert.deepEqual((await catalogue().messages(tenant, [message.id]))[0]?.receipts[0]?.envelope, envelope);
  });

  test("adds no second receipt with the same source key, within a batch and across batches", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const keyed = (id: string, sourceKey: string | null) => receiptEntry(id, message, { sourceKey });
    const first = batchOf([message], [keyed("r1", "mbox:1"), keyed("r2", "mbox:1"), keyed("r3", "mbox:2")]);
    const [r1, r2, r3] = await catalogue().commit(tenant, first);
    assert.deepEqual(statesOf([r1!, r2!, r3!]), ["archived", "known", "duplicate"]);
    assert.equal(r2?.seq, r1?.seq);
    const second = { ...batchOf([], [keyed("r4", "mbox:2"), keyed("r5", "mbox:3")]), pack: null };
    assert.deepEqual(statesOf(await catalogue().commit(tenant, second)), ["known", "duplicate"]);
    const [row] = await catalogue().messages(tenant, [message.id]);
    assert.deepEqual(
      row?.receipts.map((receipt) => receipt.sourceKey),
      ["mbox:1", "mbox:2", "mbox:3"],
    );
  });

  test("lets any number of receipts have no source key", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const receipts = ["r1", "r2", "r3"].map((id) => receiptEntry(id, message, { sourceKey: null }));
    const outcomes = await catalogue().commit(tenant, batchOf([message], receipts));
    assert.deepEqual(statesOf(outcomes), ["archived", "duplicate", "duplicate"]);
  });

  test("answers known for a receipt that stands twice in one batch", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const receipt = receiptEntry("r1", message);
    const outcomes = await catalogue().commit(tenant, batchOf([message], [receipt, receipt]));
    assert.deepEqual(statesOf(outcomes), ["archived", "known"]);
  });

  test("numbers receipts from 1 in order of commit, without gaps", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    await catalogue().commit(tenant, batchOf([message], [receiptEntry("r1", message), receiptEntry("r2", message)]));
    const more = [receiptEntry("r1", message), receiptEntry("r0", message)];
    await catalogue().commit(tenant, { ...batchOf([], more), pack: null });
    const [row] = await catalogue().messages(tenant, [message.id]);
    assert.deepEqual(
      row?.receipts.map(({ receipt, seq }) => [receipt, seq]),
      [
        [receiptId("r1"), 1],
        [receiptId("r2"), 2],
        [receiptId("r0"), 3],
      ],
    );
  });

  test("records a pack that ends up unused, and takes the same pack again", async () => {
    const tenant = await newTenant();
    await catalogue().commit(tenant, batchOf([], []));
    await catalogue().commit(tenant, batchOf([], []));
    assert.deepEqual(await catalogue().packs(tenant), [packEntry("p1")]);
  });

  test("answers an empty batch with nothing", async () => {
    const tenant = await newTenant();
    assert.deepEqual(await catalogue().commit(tenant, { ...batchOf([], []), pack: null }), []);
    assert.deepEqual(await catalogue().packs(tenant), []);
  });

  const good = messageEntry("good");
  const refused: [string, Partial<CatalogueBatch>][] = [
    ["a receipt of a message that is not there", { receipts: [receiptEntry("r2", messageEntry("absent"))] }],
    ["a message in a pack that is not there", { messages: [messageEntry("b", { pack: packEntry("p2").pack })] }],
    [
      "a report in a pack that is not there",
      { receipts: [receiptEntry("r2", good, { report: reportEntry("x", "p2") })] },
    ],
    ["its pack with other facts than before", { pack: { ...packEntry("p1"), bytes: 7 } }],
    ["a digest that another message has", { messages: [{ ...messageEntry("b"), sha256: good.sha256 }] }],
  ];
  for (const [what, part] of refused) {
    test(`does nothing of a batch with ${what}`, async () => {
      const tenant = await newTenant();
      await catalogue().commit(tenant, batchOf([good], [receiptEntry("r1", good)]));
      const before = await everything(catalogue(), tenant);
      const other = messageEntry("other");
      const batch = batchOf([other, ...(part.messages ?? [])], [receiptEntry("r9", other), ...(part.receipts ?? [])]);
      await fails(catalogue().commit(tenant, { ...batch, pack: part.pack ?? batch.pack }), "CATALOGUE-FAULT");
      assert.deepEqual(await everything(catalogue(), tenant), before);
    });
  }

  test("takes a batch of 1,000 messages with three recipients each", async () => {
    const tenant = await newTenant();
    const messages = Array.from({ length: 1000 }, (_, index) => messageEntry(`message ${index}`));
    const receipts = messages.map((message, index) =>
      receiptEntry(`r${index}`, message, {
        envelope: {
          sender: null,
          onBehalfOf: null,
          recipients: [1, 2, 3].map((n) => recipient(`${index}.${n}@b.example`)),
        },
        sourceKey: `mbox:${index}`,
      }),
    );
    const outcomes = await catalogue().commit(tenant, batchOf(messages, receipts));
    assert.deepEqual(
      outcomes.map((outcome) => outcome.seq),
      messages.map((_, index) => index + 1),
    );
    const rows = await catalogue().messages(
      tenant,
      messages.map((message) => message.id),
    );
    assert.deepEqual(
      rows.map(({ receipts: [receipt], ...message }) => [message, receipt?.envelope]),
      messages.map((message, index) => [message, receipts[index]?.envelope]),
    );
    assert.equal((await catalogue().knownReceipts(tenant, askedOf(receipts))).sourceKeys.length, 1000);
  });

  test("settles commits that are made at once as if one after the other", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const commits = Array.from({ length: 8 }, (_, index) =>
      catalogue().commit(tenant, batchOf([message], [receiptEntry(`r${index}`, message)])),
    );
    const outcomes = (await Promise.all(commits)).flat();
    assert.deepEqual(statesOf(outcomes).sort(), ["archived", ...Array(7).fill("duplicate")]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.seq).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  test("keeps no hold on what it was given, and gives no hold on what it keeps", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a", { from: [{ name: "Ann", address: "ann@example.com" }] });
    const batch = batchOf([message], [receiptEntry("r1", message)]);
    await catalogue().commit(tenant, batch);
    batch.messages[0]!.from[0]!.name = "changed";
    const [row] = await catalogue().messages(tenant, [message.id]);
    row!.from[0]!.name = "changed";
    row!.receipts.pop();
    const [again] = await catalogue().messages(tenant, [message.id]);
    assert.equal(again?.from[0]?.name, "Ann");
    assert.equal(again?.receipts.length, 1);
  });
}

function readingContract({ catalogue, newTenant }: Context): void {
  test("tells what became of receipts, and nothing of those that it does not have", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    const states = ["archived", "archived", "quarantined", "held"] as const;
    const receipts = states.map((state, number) =>
      receiptEntry(`state-${number}`, message, { state, reason: state === "archived" ? null : "because" }),
    );
    await catalogue().commit(tenant, batchOf([message], receipts));
    const asked = [...receipts.map((one) => one.receipt), receipts[0]!.receipt, receiptId("state-unknown")];
    const told = await catalogue().receiptStates(tenant, asked);
    assert.deepEqual(
      new Map(told.map(({ receipt, state }) => [receipt, state])),
      new Map(receipts.map(({ receipt, state }, number) => [receipt, number === 1 ? "duplicate" : state])),
    );
    assert.equal(told.length, receipts.length);
    assert.deepEqual(await catalogue().receiptStates(await newTenant(), asked), []);
  });

  test("says which receipts and source keys it knows", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    await catalogue().commit(
      tenant,
      batchOf([message], [receiptEntry("r1", message, { sourceKey: "k1" }), receiptEntry("r2", message)]),
    );
    const known = await catalogue().knownReceipts(tenant, {
      receipts: [receiptId("r3"), receiptId("r2"), receiptId("r2"), receiptId("r1")],
      sourceKeys: ["k2", "k1", "k1"],
    });
    assert.deepEqual([...known.receipts].sort(), [receiptId("r1"), receiptId("r2")].sort());
    assert.deepEqual(known.sourceKeys, ["k1"]);
    assert.deepEqual(await catalogue().knownReceipts(tenant, { receipts: [], sourceKeys: [] }), {
      receipts: [],
      sourceKeys: [],
    });
  });

  test("says which digests are stored", async () => {
    const tenant = await newTenant();
    const message = messageEntry("a");
    await catalogue().commit(tenant, batchOf([message], [receiptEntry("r1", message)]));
    const asked = [digest("b"), message.sha256, message.sha256];
    assert.deepEqual(await catalogue().knownMessages(tenant, asked), [message.sha256]);
  });

  test("takes facts and place of a message that was left unread from the first batch that has read it", async () => {
    const tenant = await newTenant();
    const full = messageEntry("a");
    const unread: MessageEntry = { ...full, subject: "", parts: [], defects: ["unread"] };
    await catalogue().commit(tenant, batchOf([unread], [receiptEntry("r1", unread)]));
    assert.deepEqual(await catalogue().knownMessages(tenant, [full.sha256]), []);
    const change = await catalogue().lastChange(tenant);
    const pack = { ...packEntry("p2"), pack: "pck_0000000002" as PackId };
    const later = { ...full, pack: pack.pack };
    for (const [entry, receipt] of [
      [{ ...unread, pack: pack.pack }, "r2"],
      [later, "r3"],
      [{ ...later, subject: "another" }, "r4"],
    ] as const) {
      await catalogue().commit(tenant, { ...batchOf([entry], [receiptEntry(receipt, entry)]), pack });
      const [row] = await catalogue().messages(tenant, [full.id]);
      const { receipts: _, ...facts } = row!;
      assert.deepEqual(facts, receipt === "r2" ? unread : later);
    }
    assert.deepEqual(await catalogue().knownMessages(tenant, [full.sha256]), [full.sha256]);
    assert.equal(await catalogue().lastChange(tenant), change + 3);
    assert.equal((await catalogue().tallies(tenant)).messages, 1);
  });

  test("gives messages in the order asked and leaves out absent ones", async () => {
    const tenant = await newTenant();
    const entries = ["a", "b", "c"].map((seed) => messageEntry(seed));
    await catalogue().commit(
      tenant,
      batchOf(
        entries,
        entries.map((entry) => receiptEntry(entry.id, entry)),
      ),
    );
    const asked = [entries[2]!.id, messageEntry("absent").id, entries[0]!.id, entries[1]!.id];
    const rows = await catalogue().messages(tenant, asked);
    assert.deepEqual(
      rows.map((row) => row.id),
      [entries[2]!.id, entries[0]!.id, entries[1]!.id],
    );
    assert.deepEqual(await catalogue().messages(tenant, []), []);
  });

  test("walks over all messages in id order, in steps of any length", async () => {
    const tenant = await newTenant();
    const entries = Array.from({ length: 10 }, (_, index) => messageEntry(`walk ${index}`));
    await catalogue().commit(
      tenant,
      batchOf(
        entries,
        entries.map((entry) => receiptEntry(entry.id, entry)),
      ),
    );
    const expected = entries.map((entry) => entry.id).sort();
    for (const step of [1, 3, 10, 11]) {
      const walked: MessageId[] = [];
      for (let last: MessageId | null = null; ; last = walked.at(-1)!) {
        const rows = await catalogue().messagesAfter(tenant, last, step);
        assert.ok(rows.length <= step);
        if (rows.length === 0) break;
        assert.ok(rows.every((row) => row.receipts.length === 1));
        walked.push(...rows.map((row) => row.id));
      }
      assert.deepEqual(walked, expected);
    }
  });

  test("finds the messages of a pack by their own bytes and by those of their reports, each once", async () => {
    const tenant = await newTenant();
    const [a, b, c] = ["a", "b", "c"].map((seed) => messageEntry(seed)) as [MessageEntry, MessageEntry, MessageEntry];
    const inFirst = [receiptEntry("r1", a, { report: reportEntry("1", "p1") }), receiptEntry("r2", b)];
    await catalogue().commit(tenant, batchOf([a, b], inFirst));
    const other = { ...c, pack: packEntry("p2").pack };
    const inSecond = [
      receiptEntry("r3", other),
      receiptEntry("r4", a, { report: reportEntry("2", "p2") }),
      receiptEntry("r5", a, { report: reportEntry("3", "p2") }),
    ];
    await catalogue().commit(tenant, { ...batchOf([other], inSecond), pack: packEntry("p2") });
    assert.deepEqual(await catalogue().messagesInPack(tenant, packEntry("p1").pack), [a.id, b.id].sort());
    assert.deepEqual(await catalogue().messagesInPack(tenant, packEntry("p2").pack), [a.id, c.id].sort());
    assert.deepEqual(await catalogue().messagesInPack(tenant, packEntry("p3").pack), []);
  });

  test("lists packs in id order, whatever the order they came in", async () => {
    const tenant = await newTenant();
    for (const name of ["p2", "p3", "p1"]) {
      await catalogue().commit(tenant, { ...batchOf([], []), pack: packEntry(name) });
    }
    assert.deepEqual(await catalogue().packs(tenant), [packEntry("p1"), packEntry("p2"), packEntry("p3")]);
  });

  test("walks over packs page by page, and counts what is left of them", async () => {
    const tenant = await newTenant();
    assert.deepEqual(await catalogue().packsAfter(tenant, null, 2), []);
    assert.deepEqual(await catalogue().packTotals(tenant, null), { packs: 0, bytes: 0 });
    for (const name of ["p2", "p3", "p1"]) {
      await catalogue().commit(tenant, { ...batchOf([], []), pack: packEntry(name) });
    }
    const [first, second, third] = [packEntry("p1"), packEntry("p2"), packEntry("p3")];
    assert.deepEqual(await catalogue().packsAfter(tenant, null, 2), [first, second]);
    assert.deepEqual(await catalogue().packsAfter(tenant, second.pack, 2), [third]);
    assert.deepEqual(await catalogue().packsAfter(tenant, third.pack, 2), []);
    assert.deepEqual(await catalogue().packTotals(tenant, null), { packs: 3, bytes: 15_000_000_000 });
    assert.deepEqual(await catalogue().packTotals(tenant, first.pack), { packs: 2, bytes: 10_000_000_000 });
    assert.deepEqual(await catalogue().packTotals(tenant, third.pack), { packs: 0, bytes: 0 });
  });
}

function partsContract({ catalogue, newTenant }: Context): void {
  test("gives parts back by name, each once, and leaves out absent ones", async () => {
    const tenant = await newTenant();
    const parts = ["a", "b", "c"].map((seed) => partEntry(seed));
    await catalogue().commit(tenant, { ...batchOf([], []), parts });
    const asked = ["c", "absent", "a", "a"].map((seed) => partEntry(seed).name);
    const found = await catalogue().parts(tenant, asked);
    assert.deepEqual(
      found.sort((a, b) => (a.name < b.name ? -1 : 1)),
      [partEntry("a"), partEntry("c")],
    );
    assert.deepEqual(await catalogue().parts(tenant, []), []);
  });

  test("takes a part of 300 at once, and lists those of one pack in name order", async () => {
    const tenant = await newTenant();
    const parts = Array.from({ length: 300 }, (_, index) => partEntry(String(1000 + index)));
    const elsewhere = [partEntry("z", { pack: packEntry("p2").pack })];
    await catalogue().commit(tenant, { ...batchOf([], []), parts: [...parts].reverse() });
    await catalogue().commit(tenant, { ...batchOf([], []), pack: packEntry("p2"), parts: elsewhere });
    assert.deepEqual(await catalogue().partsInPack(tenant, packEntry("p1").pack), parts);
    assert.deepEqual(await catalogue().partsInPack(tenant, packEntry("p2").pack), elsewhere);
    assert.deepEqual(await catalogue().partsInPack(tenant, packEntry("p3").pack), []);
  });

  test("leaves a part where it was first found, within a batch and across batches", async () => {
    const tenant = await newTenant();
    const first = partEntry("a");
    const moved = { ...first, storedAt: "elsewhere" as StoredAt };
    await catalogue().commit(tenant, { ...batchOf([], []), parts: [first, moved] });
    const pack = packEntry("p2");
    await catalogue().commit(tenant, { ...batchOf([], []), pack, parts: [{ ...moved, pack: pack.pack }] });
    assert.deepEqual(await catalogue().parts(tenant, [first.name]), [first]);
  });

  test("does nothing of a batch with a part in a pack that is not there", async () => {
    const tenant = await newTenant();
    const parts = [partEntry("a", { pack: packEntry("absent").pack })];
    await fails(catalogue().commit(tenant, { ...batchOf([], []), parts }), "CATALOGUE-FAULT");
    assert.deepEqual(await catalogue().packs(tenant), []);
  });

  test("keeps the parts of two tenants apart, and forgets them when a tenant is cleared", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const parts = [partEntry("a")];
    await catalogue().commit(one, { ...batchOf([], []), parts });
    assert.deepEqual(await catalogue().parts(two, [partEntry("a").name]), []);
    await catalogue().clearArchive(one);
    assert.deepEqual(await catalogue().parts(one, [partEntry("a").name]), []);
  });
}

function changesContract({ catalogue, newTenant }: Context): void {
  test("is empty at first", async () => {
    const tenant = await newTenant();
    assert.equal(await catalogue().lastChange(tenant), 0);
    assert.deepEqual(await catalogue().changes(tenant, 0, 10), []);
  });

  test("has one row per batch for each message that was added or gained a receipt", async () => {
    const tenant = await newTenant();
    const [a, b] = [messageEntry("a"), messageEntry("b")];
    const first = [receiptEntry("r1", a), receiptEntry("r2", a), receiptEntry("r3", b)];
    await catalogue().commit(tenant, batchOf([a, b], first));
    await catalogue().commit(tenant, { ...batchOf([], [receiptEntry("r4", b), receiptEntry("r1", a)]), pack: null });
    await catalogue().commit(tenant, batchOf([messageEntry("c")], []));
    const rows = await catalogue().changes(tenant, 0, 10);
    assert.deepEqual(
      rows.map((row) => row.seq),
      [1, 2, 3, 4],
    );
    assert.deepEqual(new Set(rows.slice(0, 2).map((row) => row.message)), new Set([a.id, b.id]));
    assert.deepEqual(
      rows.slice(2).map((row) => row.message),
      [b.id, messageEntry("c").id],
    );
  });

  test("is not moved on by a batch that adds nothing, and has no gap after one that failed", async () => {
    const tenant = await newTenant();
    const [a, b] = [messageEntry("a"), messageEntry("b")];
    await catalogue().commit(tenant, batchOf([a], [receiptEntry("r1", a)]));
    await catalogue().commit(tenant, batchOf([a], [receiptEntry("r1", a)]));
    await fails(
      catalogue().commit(tenant, batchOf([b], [receiptEntry("r2", messageEntry("absent"))])),
      "CATALOGUE-FAULT",
    );
    assert.equal(await catalogue().lastChange(tenant), 1);
    await catalogue().commit(tenant, batchOf([b], [receiptEntry("r2", b)]));
    assert.deepEqual(await catalogue().changes(tenant, 1, 10), [{ seq: 2, message: b.id }]);
  });

  test("is read from any place on, at most as many rows as asked", async () => {
    const tenant = await newTenant();
    const entries = Array.from({ length: 5 }, (_, index) => messageEntry(`change ${index}`));
    for (const entry of entries) {
      await catalogue().commit(tenant, batchOf([entry], [receiptEntry(entry.id, entry)]));
    }
    const rows = entries.map((entry, index) => ({ seq: index + 1, message: entry.id }));
    assert.deepEqual(await catalogue().changes(tenant, 0, 2), rows.slice(0, 2));
    assert.deepEqual(await catalogue().changes(tenant, 2, 2), rows.slice(2, 4));
    assert.deepEqual(await catalogue().changes(tenant, 4, 2), rows.slice(4));
    assert.deepEqual(await catalogue().changes(tenant, 5, 2), []);
    assert.equal(await catalogue().lastChange(tenant), 5);
  });
}

function talliesContract({ catalogue, newTenant }: Context): void {
  const [first, second] = ["con_aaaaaaaaaaaaaaaa", "con_bbbbbbbbbbbbbbbb"] as [ConnectorId, ConnectorId];

  test("are empty at first", async () => {
    assert.deepEqual(await catalogue().tallies(await newTenant()), { messages: 0, connectors: [] });
  });

  test("count every receipt in its settled state, by connector, over all days and batches", async () => {
    const tenant = await newTenant();
    const [a, b] = [messageEntry("a"), messageEntry("b")];
    const day = 86_400_000;
    await catalogue().commit(
      tenant,
      batchOf(
        [a, b],
        [
          receiptEntry("r1", a, { connector: second, receivedAt: at(3 * day) }),
          receiptEntry("r2", a, { connector: first, receivedAt: at(2 * day) }),
          receiptEntry("r3", b, { connector: first, receivedAt: at(1 * day), state: "held", reason: "too_old" }),
        ],
      ),
    );
    await catalogue().commit(tenant, {
      ...batchOf(
        [],
        [
          receiptEntry("r4", b, { connector: first, receivedAt: at(1 * day + 5) }),
          receiptEntry("r5", b, { connector: first, receivedAt: at(1 * day), state: "quarantined", reason: "x" }),
          receiptEntry("r1", a, { connector: second, receivedAt: at(9 * day) }),
        ],
      ),
      pack: null,
    });
    assert.deepEqual(await catalogue().tallies(tenant), {
      messages: 2,
      connectors: [
        { connector: first, archived: 1, duplicate: 1, quarantined: 1, held: 1, lastReceivedAt: at(2 * day) },
        { connector: second, archived: 1, duplicate: 0, quarantined: 0, held: 0, lastReceivedAt: at(3 * day) },
      ],
    });
  });

  test("add up to the receipts that are there", async () => {
    const tenant = await newTenant();
    const entries = Array.from({ length: 7 }, (_, index) => messageEntry(`tally ${index}`));
    const states = ["archived", "quarantined", "held", "archived", "archived"] as const;
    for (let round = 0; round < 4; round += 1) {
      const receipts = entries.flatMap((entry, index) =>
        Array.from({ length: 1 + ((index + round) % 3) }, (_, n) =>
          receiptEntry(`${round % 3}/${index}/${n}`, entry, {
            connector: (index + n) % 2 === 0 ? first : second,
            state: states[(index + round + n) % states.length]!,
            receivedAt: at((7 - index) * 5_000_000 - n - round),
          }),
        ),
      );
      await catalogue().commit(tenant, batchOf(entries, receipts));
    }
    const rows = await catalogue().messagesAfter(tenant, null, 100);
    const receipts = rows.flatMap((row) => row.receipts);
    const { messages, connectors } = await catalogue().tallies(tenant);
    assert.equal(messages, rows.length);
    assert.deepEqual(
      connectors,
      [first, second].map((connector) => {
        const own = receipts.filter((receipt) => receipt.connector === connector);
        const count = (state: string) => own.filter((receipt) => receipt.state === state).length;
        return {
          connector,
          archived: count("archived"),
          duplicate: count("duplicate"),
          quarantined: count("quarantined"),
          held: count("held"),
          lastReceivedAt: Math.max(...own.map((receipt) => receipt.receivedAt)),
        };
      }),
    );
  });
}

function tenantsContract({ catalogue, newTenant }: Context): void {
  test("keeps an existing tenant as it is", async () => {
    const id = await newTenant();
    const before = await catalogue().tenants();
    await catalogue().addTenant({ id, name: "another name", createdAt: at(77) });
    assert.deepEqual(await catalogue().tenants(), before);
  });

  test("keeps each tenant's own domains, and none where none were put", async () => {
    const [one, other] = [await newTenant(), await newTenant()];
    const none = { domains: [], isJudged: true };
    assert.deepEqual(await catalogue().ownDomains(one), none);
    for (const entry of [
      { domains: ["a.example"], isJudged: false },
      { domains: ["*.a.example", "b.example"], isJudged: true },
    ]) {
      await catalogue().putOwnDomains(one, entry);
      assert.deepEqual(await catalogue().ownDomains(one), entry);
    }
    assert.deepEqual(await catalogue().ownDomains(other), none);
    await fails(catalogue().ownDomains("nobody" as TenantId), "CATALOGUE-MISSING");
    await fails(catalogue().putOwnDomains("nobody" as TenantId, none), "CATALOGUE-MISSING");
  });

  test("lists tenants in id order", async () => {
    const added = [await newTenant(), await newTenant()];
    const ids = (await catalogue().tenants()).map((tenant) => tenant.id);
    assert.deepEqual(ids, [...ids].sort());
    assert.ok(added.every((id) => ids.includes(id)));
  });

  test("takes no tenant whose name could be a path", async () => {
    for (const id of ["../acme", "", "Acme", "a.b", "a/b"]) {
      await fails(catalogue().addTenant({ id: id as TenantId, name: "x", createdAt: at(0) }), "INTERNAL");
    }
  });

  test("refuses every command on a tenant that it does not have", async () => {
    for (const tenant of ["nobody", "../acme", ""] as TenantId[]) {
      const commands: Promise<unknown>[] = [
        catalogue().commit(tenant, batchOf([], [])),
        catalogue().knownReceipts(tenant, { receipts: [], sourceKeys: [] }),
        catalogue().receiptStates(tenant, []),
        catalogue().knownMessages(tenant, []),
        catalogue().messages(tenant, []),
        catalogue().messagesAfter(tenant, null, 1),
        catalogue().messagesInPack(tenant, packEntry("p1").pack),
        catalogue().merge(tenant, { pack: packEntry("m1"), replaces: [], batches: [] }),
        catalogue().superseded(tenant),
        catalogue().forgetSuperseded(tenant, packEntry("p1").pack),
        catalogue().parts(tenant, []),
        catalogue().partsInPack(tenant, packEntry("p1").pack),
        catalogue().packs(tenant),
        catalogue().changes(tenant, 0, 1),
        catalogue().lastChange(tenant),
        catalogue().tallies(tenant),
        catalogue().clearArchive(tenant),
        catalogue().connectors(tenant),
        catalogue().addConnector(connectorEntry(tenant, "missing")),
        catalogue().editConnector(connectorEntry(tenant, "missing")),
        catalogue().people(tenant),
        catalogue().addPerson(personEntry(tenant, "missing@example.com")),
        catalogue().addCredential(credentialEntry(tenant, "missing")),
      ];
      await Promise.all(commands.map((command) => fails(command, "CATALOGUE-MISSING")));
    }
  });

  test("keeps the same message in two tenants as two", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const message = messageEntry("a");
    const batch = batchOf([message], [receiptEntry("r1", message, { sourceKey: "k1" })]);
    assert.deepEqual(statesOf(await catalogue().commit(one, batch)), ["archived"]);
    assert.deepEqual(await catalogue().messages(two, [message.id]), []);
    assert.deepEqual(await catalogue().knownMessages(two, [message.sha256]), []);
    assert.deepEqual(statesOf(await catalogue().commit(two, batch)), ["archived"]);
    assert.equal(await catalogue().lastChange(two), 1);
  });

  test("clears a tenant's archive as if nothing had been committed, and nothing else", async () => {
    const [cleared, other] = [await newTenant(), await newTenant()];
    const message = messageEntry("a");
    const batch = batchOf([message], [receiptEntry("r1", message, { sourceKey: "k1" })]);
    for (const tenant of [cleared, other]) {
      await catalogue().commit(tenant, batch);
      await catalogue().addConnector(connectorEntry(tenant, `clear-${tenant}`));
      await catalogue().addPerson(personEntry(tenant, `clear-${tenant}@example.com`));
    }
    const untouched = await everything(catalogue(), other);
    const fresh = await everything(catalogue(), await newTenant());
    await catalogue().clearArchive(cleared);
    await catalogue().clearArchive(cleared);
    assert.deepEqual(await everything(catalogue(), cleared), fresh);
    assert.deepEqual(await everything(catalogue(), other), untouched);
    assert.equal((await catalogue().connectors(cleared)).length, 1);
    assert.equal((await catalogue().people(cleared)).length, 1);
    const outcomes = await catalogue().commit(cleared, batch);
    assert.deepEqual(outcomes, [{ receipt: receiptId("r1"), message: message.id, state: "archived", seq: 1 }]);
  });
}

function connectorsContract({ catalogue, newTenant }: Context): void {
  test("keeps the newest of what a connector did, by kind, and replaces what has the same number", async () => {
    const tenant = await newTenant();
    const [one, two] = [connectorEntry(tenant, "history-1"), connectorEntry(tenant, "history-2")];
    await catalogue().addConnector(one);
    await catalogue().addConnector(two);
    const entry = (connector: ConnectorId, kind: HistoryEntry["kind"], seq: number, facts = "{}"): HistoryEntry => ({
      ...{ connector, kind, seq, at: at(seq), facts },
    });
    for (let seq = 1; seq <= 5; seq += 1) await catalogue().putHistory(entry(one.id, "run", seq), 3);
    await catalogue().putHistory(entry(one.id, "run", 5, '{"again":true}'), 3);
    await catalogue().putHistory(entry(one.id, "test", 1), 3);
    await catalogue().putHistory(entry(two.id, "run", 9), 3);
    assert.deepEqual(await catalogue().history(one.id, "run", 10), [
      entry(one.id, "run", 5, '{"again":true}'),
      entry(one.id, "run", 4),
      entry(one.id, "run", 3),
    ]);
    assert.deepEqual(await catalogue().history(one.id, "run", 1), [entry(one.id, "run", 5, '{"again":true}')]);
    assert.deepEqual(await catalogue().history(one.id, "test", 10), [entry(one.id, "test", 1)]);
    assert.deepEqual(await catalogue().history(two.id, "run", 10), [entry(two.id, "run", 9)]);
    const nobody = connectorEntry(tenant, "history-nobody").id;
    await fails(catalogue().putHistory(entry(nobody, "run", 1), 3), "CATALOGUE-CONFLICT");
    assert.deepEqual(await catalogue().history(nobody, "run", 10), []);
  });

  test("gives connectors back whole, by description as people read it", async () => {
    const tenant = await newTenant();
    const pop3: ConnectorEntry["pop3"] = {
      ...{ host: "mail.example", port: 995, tls: "implicit", user: "journal", sealedPassword: "AA==" },
      ...{ verify: { kind: "pinned", sha256: "ab".repeat(32) }, intervalSeconds: 60, retention: { kind: "keep" } },
    };
    const entries = [
      connectorEntry(tenant, "order-1", { description: "beta", enabled: false, maxAgeDays: null }),
      connectorEntry(tenant, "order-2", {
        description: "Alpha",
        transport: "pop3",
        type: "standard",
        version: 4,
        pop3,
      }),
      connectorEntry(tenant, "order-3", {
        description: "Émile",
        smtp: { permitted: ["192.0.2.0/24"], presets: ["x"], requireTls: true, login: "f", certificate: null },
        rules: { envelopeHeaders: ["Delivered-To"], subAddress: true },
      }),
      connectorEntry(tenant, "order-4", { description: "Zulu" }),
    ];
    for (const entry of [...entries].reverse()) await catalogue().addConnector(entry);
    assert.deepEqual(await catalogue().connectors(tenant), [entries[1], entries[0], entries[2], entries[3]]);
  });

  test("lists one tenant's connectors, or every tenant's", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await catalogue().addConnector(connectorEntry(one, "every-1"));
    await catalogue().addConnector(connectorEntry(two, "every-2"));
    const ids = async (tenant: TenantId | "every") => (await catalogue().connectors(tenant)).map((entry) => entry.id);
    assert.deepEqual(await ids(one), [connectorEntry(one, "every-1").id]);
    const every = await ids("every");
    assert.ok(every.includes(connectorEntry(one, "every-1").id) && every.includes(connectorEntry(two, "every-2").id));
  });

  test("takes a journal address once in the installation, however it is written", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await catalogue().addConnector(connectorEntry(one, "address", { journalEmailAddress: "Journal@Unique.example" }));
    const second = connectorEntry(two, "address-2", { journalEmailAddress: " journal@UNIQUE.example" });
    await fails(catalogue().addConnector(second), "CATALOGUE-CONFLICT");
    assert.deepEqual(await catalogue().connectors(two), []);
  });

  test("takes a description once in a tenant, and again in another", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const named = (tenant: TenantId, seed: string) => connectorEntry(tenant, seed, { description: "Exchange" });
    await catalogue().addConnector(named(one, "description-1"));
    await fails(catalogue().addConnector(named(one, "description-2")), "CATALOGUE-CONFLICT");
    await catalogue().addConnector(named(two, "description-3"));
  });

  test("takes a connector id once", async () => {
    const tenant = await newTenant();
    const connector = connectorEntry(tenant, "twice");
    await catalogue().addConnector(connector);
    const again = { ...connector, description: "other", journalEmailAddress: "other-twice@example.com" };
    await fails(catalogue().addConnector(again), "CATALOGUE-CONFLICT");
    assert.deepEqual(await catalogue().connectors(tenant), [connector]);
  });

  test("replaces an entry by its next version only", async () => {
    const tenant = await newTenant();
    const connector = connectorEntry(tenant, "edit");
    await catalogue().addConnector(connector);
    const next = {
      ...connector,
      description: "renamed",
      enabled: false,
      journalEmailAddress: "edited@example.com",
      version: 2,
    };
    for (const version of [1, 3]) {
      await fails(catalogue().editConnector({ ...next, version }), "CATALOGUE-CONFLICT");
    }
    assert.deepEqual(await catalogue().connectors(tenant), [connector]);
    await catalogue().editConnector(next);
    assert.deepEqual(await catalogue().connectors(tenant), [next]);
    await fails(catalogue().editConnector(next), "CATALOGUE-CONFLICT");
  });

  test("lets one of two edits made at once through", async () => {
    const tenant = await newTenant();
    const connector = connectorEntry(tenant, "race");
    await catalogue().addConnector(connector);
    const edits = ["one", "two"].map((description) =>
      catalogue().editConnector({ ...connector, description, version: 2 }),
    );
    const results = await Promise.allSettled(edits);
    assert.deepEqual(results.map((result) => result.status).sort(), ["fulfilled", "rejected"]);
  });

  test("does not let an edit take another connector's names, or reach into another tenant", async () => {
    const [tenant, stranger] = [await newTenant(), await newTenant()];
    const [mine, other] = [connectorEntry(tenant, "names-1"), connectorEntry(tenant, "names-2")];
    await catalogue().addConnector(mine);
    await catalogue().addConnector(other);
    const edits: Partial<ConnectorEntry>[] = [
      { description: other.description },
      { journalEmailAddress: other.journalEmailAddress.toUpperCase() },
      { tenant: stranger },
      { id: connectorEntry(tenant, "names-absent").id },
    ];
    for (const edit of edits) {
      await fails(catalogue().editConnector({ ...mine, ...edit, version: 2 }), "CATALOGUE-CONFLICT");
    }
    assert.deepEqual(await catalogue().connectors(tenant), [mine, other]);
  });
}

function peopleContract({ catalogue, newTenant }: Context): void {
  test("finds a person by e-mail, however it is written", async () => {
    const tenant = await newTenant();
    const person = personEntry(tenant, "Ann@Found.example");
    await catalogue().addPerson(person);
    assert.deepEqual(await catalogue().personByEmail(" ann@FOUND.example"), person);
    assert.equal(await catalogue().personByEmail("nobody@found.example"), undefined);
    assert.deepEqual(await catalogue().people(tenant), [person]);
  });

  test("takes an e-mail once in the installation", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await catalogue().addPerson(personEntry(one, "once@example.com"));
    await fails(catalogue().addPerson({ ...personEntry(two, "ONCE@example.com"), id: "other" }), "CATALOGUE-CONFLICT");
    const sameId = { ...personEntry(one, "once@example.com"), email: "fresh@example.com" };
    await fails(catalogue().addPerson(sameId), "CATALOGUE-CONFLICT");
    assert.deepEqual(await catalogue().people(two), []);
  });

  test("lists the people of one tenant by e-mail", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    for (const [owner, name] of [
      [tenant, "b"],
      [other, "c"],
      [tenant, "A"],
    ] as const) {
      await catalogue().addPerson(personEntry(owner, `${name}@list.example`));
    }
    assert.deepEqual(
      (await catalogue().people(tenant)).map((person) => person.email),
      ["A@list.example", "b@list.example"],
    );
  });

  test("gives a credential back by kind and fingerprint, also when it has expired", async () => {
    const tenant = await newTenant();
    const credential = credentialEntry(tenant, "print-1", { expiresAt: at(1), person: "per_1" });
    await catalogue().addCredential(credential);
    assert.deepEqual(await catalogue().credential("session", "print-1"), credential);
    assert.equal(await catalogue().credential("token", "print-1"), undefined);
    assert.equal(await catalogue().credential("session", "print-unknown"), undefined);
  });

  test("takes a fingerprint once for each kind", async () => {
    const tenant = await newTenant();
    await catalogue().addCredential(credentialEntry(tenant, "print-2"));
    await fails(catalogue().addCredential(credentialEntry(tenant, "print-2")), "CATALOGUE-CONFLICT");
    await catalogue().addCredential(credentialEntry(tenant, "print-2", { kind: "token" }));
  });

  test("gives a credential away once, however many ask at the same time", async () => {
    const tenant = await newTenant();
    const credential = credentialEntry(tenant, "print-3", { kind: "claim" });
    await catalogue().addCredential(credential);
    await catalogue().addCredential({ ...credential, kind: "token" });
    const taken = await Promise.all(Array.from({ length: 8 }, () => catalogue().takeCredential("claim", "print-3")));
    assert.deepEqual(
      taken.filter((entry) => entry !== undefined),
      [credential],
    );
    assert.equal(await catalogue().credential("claim", "print-3"), undefined);
    assert.notEqual(await catalogue().credential("token", "print-3"), undefined);
  });

  test("sweeps what expired before now, and not what expires now, later or never", async () => {
    const tenant = await newTenant();
    const expiries: [string, Instant | null][] = [
      ["before", at(99)],
      ["now", at(100)],
      ["after", at(101)],
      ["never", null],
    ];
    for (const [name, expiresAt] of expiries) {
      for (const kind of ["claim", "session", "token"] as const) {
        await catalogue().addCredential(credentialEntry(tenant, `sweep-${name}`, { kind, expiresAt }));
      }
    }
    await catalogue().sweepCredentials(at(100));
    for (const kind of ["claim", "session", "token"] as const) {
      const left = await Promise.all(expiries.map(([name]) => catalogue().credential(kind, `sweep-${name}`)));
      assert.deepEqual(
        left.map((entry) => entry !== undefined),
        [false, true, true, true],
      );
    }
  });
}

function textContract({ catalogue, newTenant }: Context): void {
  const texts: [string, string][] = [
    ["a NUL character", "before\0after"],
    ["every control character", String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code)) + "\x7f"],
    ["quotes and SQL", `'; drop table messages; -- "%_\\`],
    ["emoji and characters beyond the basic plane", "👩‍👩‍👧 𝔘𝔫𝔦 🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
    ["letters that have two spellings", "e\u0301 \u00e9 \u1100\u1161"],
    ["right-to-left text and marks", "\u202eשלום\u202c مرحبا"],
    ["a text that is only spaces", "  \t "],
    ["an empty text", ""],
    ["a hundred thousand characters", "longer and longer ".repeat(6_000)],
    ["a name of the language", "__proto__"],
  ];
  for (const [what, text] of texts) {
    test(`keeps ${what} in every field that a sender fills`, () => check(text, text));
  }

  test("puts U+FFFD for a lone surrogate, alike in every field", () =>
    check("a\ud800b\udc00c😀\ud83d", "a\ufffdb\ufffdc😀\ufffd"));

  async function check(text: string, expected: string): Promise<void> {
    const tenant = await newTenant();
    const [given, kept] = [text, expected].map((value) => textBatch(value)) as [CatalogueBatch, CatalogueBatch];
    await catalogue().commit(tenant, given);
    const [row] = await catalogue().messages(tenant, [kept.messages[0]!.id]);
    const { receipts, ...message } = row!;
    assert.deepEqual(message, kept.messages[0]);
    assert.deepEqual(receipts, [{ ...kept.receipts[0]!, archivedAt: kept.archivedAt, seq: 1 }]);
    assert.deepEqual(await catalogue().packs(tenant), [kept.pack]);
    const known = await catalogue().knownReceipts(tenant, { receipts: [], sourceKeys: [text] });
    assert.deepEqual(known.sourceKeys, [expected]);
    assert.deepEqual(statesOf(await catalogue().commit(tenant, given)), ["known"]);
  }
}

/** A batch with `text` in every field that holds text which is not ours. */
function textBatch(text: string): CatalogueBatch {
  const mailbox = { name: text, address: text };
  const message = messageEntry("a", {
    subject: text,
    from: [mailbox],
    to: [mailbox, mailbox],
    cc: [mailbox],
    bcc: [mailbox],
    messageId: text,
    parts: [{ path: text, type: text, filename: text, bytes: 1 }],
    defects: [text],
    storedAt: text as StoredAt,
  });
  const receipt = receiptEntry("r1", message, {
    flags: [text],
    reason: text,
    sourceKey: text,
    hop: { ...hop, transport: "pop3", peer: text, helo: text, tls: text, mailFrom: text, rcptTo: [text], uidl: text },
    envelope: { sender: text, onBehalfOf: text, recipients: [recipient(text, { via: text })] },
    report: { ...reportEntry("report"), dialect: text, reasons: [text] },
  });
  return { ...batchOf([message], [receipt]), pack: { ...packEntry("p1"), blob: text } };
}

/** Everything that can be read of a tenant's archive. */
export async function everything(catalogue: Catalogue, tenant: TenantId): Promise<unknown> {
  return {
    messages: await catalogue.messagesAfter(tenant, null, 10_000),
    packs: await catalogue.packs(tenant),
    changes: await catalogue.changes(tenant, 0, 10_000),
    lastChange: await catalogue.lastChange(tenant),
    tallies: await catalogue.tallies(tenant),
  };
}

/** Checks that `work` fails with this code, and as that code may be retried. */
export async function fails(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFailure(error, code), `expected ${code}, got ${String(error)}`);
    const isHopeful = code === "CATALOGUE-FAULT" || code === "CATALOGUE-BUSY";
    assert.equal(error.retry, isHopeful ? "later" : "never");
    return true;
  });
}

/** An instant some milliseconds after the first one of these tests. */
export function at(ms: number): Instant {
  return (1_700_000_000_000 + ms) as Instant;
}

export function packEntry(name: string): PackEntry {
  const pack = `pck_${name}` as PackId;
  return { pack, blob: `packs/${name}`, bytes: 5_000_000_000, sha256: digest(name), createdAt: at(1) };
}

export function partEntry(seed: string, more: Partial<PartEntry> = {}): PartEntry {
  const storedAt = `frames of ${seed}` as StoredAt;
  return { name: `prt_${seed}` as PartName, bytes: 4567, pack: packEntry("p1").pack, storedAt, ...more };
}

export function messageEntry(seed: string, more: Partial<MessageEntry> = {}): MessageEntry {
  const sha256 = digest(seed);
  return {
    id: messageIdOf(sha256),
    sha256,
    bytes: 1234,
    pack: packEntry("p1").pack,
    storedAt: "frames" as StoredAt,
    archivedAt: at(9),
    subject: `Subject ${seed}`,
    from: [],
    to: [],
    cc: [],
    bcc: [],
    messageId: null,
    date: null,
    parts: [],
    defects: [],
    ...more,
  };
}

export function receiptEntry(seed: string, message: MessageEntry, more: Partial<ReceiptEntry> = {}): ReceiptEntry {
  return {
    receipt: receiptId(seed),
    message: message.id,
    connector: "con_0123456789abcdef" as ConnectorId,
    state: "archived",
    reason: null,
    flags: [],
    receivedAt: at(5),
    hop,
    envelope: null,
    report: null,
    sourceKey: null,
    ...more,
  };
}

export function batchOf(messages: MessageEntry[], receipts: ReceiptEntry[]): CatalogueBatch {
  return { pack: packEntry("p1"), parts: [], messages, receipts, archivedAt: at(9) };
}

const hop: ReceiptEntry["hop"] = {
  transport: "smtp",
  peer: "192.0.2.1:4321",
  helo: "mail.example.com",
  tls: null,
  mailFrom: null,
  rcptTo: ["journal@example.com"],
  uidl: null,
  begunAt: at(4),
};

export function reportEntry(seed: string, pack = "p1"): ReportEntry {
  return {
    sha256: digest(`report ${seed}`),
    bytes: 2345,
    pack: packEntry(pack).pack,
    storedAt: "report frames" as StoredAt,
    dialect: "exchange",
    confidence: 0.75,
    reasons: ["sender_line"],
  };
}

export function recipient(address: string, more: Partial<EnvelopeRecipient> = {}): EnvelopeRecipient {
  return { address, role: "to", relation: "direct", via: null, source: "report", ...more };
}

export function connectorEntry(tenant: TenantId, seed: string, more: Partial<ConnectorEntry> = {}): ConnectorEntry {
  return {
    id: `con_${seed}` as ConnectorId,
    tenant,
    description: `Connector ${seed}`,
    enabled: true,
    journalEmailAddress: `${seed}@journal.example`,
    transport: "smtp",
    type: "eej",
    maxAgeDays: 30,
    createdAt: at(2),
    version: 1,
    ...more,
  };
}

function personEntry(tenant: TenantId, email: string): PersonEntry {
  return { id: `per_${email}`, tenant, email, role: "auditor", passwordHash: "$argon2id$", createdAt: at(3) };
}

function credentialEntry(tenant: TenantId, fingerprint: string, more: Partial<CredentialEntry> = {}): CredentialEntry {
  return {
    kind: "session",
    fingerprint,
    tenant,
    role: "admin",
    person: null,
    label: "a label",
    createdAt: at(4),
    expiresAt: null,
    ...more,
  };
}

export function receiptId(seed: string): ReceiptId {
  return `rcp_${seed}` as ReceiptId;
}

function digest(seed: string): Sha256 {
  return createHash("sha256").update(seed).digest("hex") as Sha256;
}

function askedOf(receipts: readonly ReceiptEntry[]): { receipts: ReceiptId[]; sourceKeys: string[] } {
  return {
    receipts: receipts.map((receipt) => receipt.receipt),
    sourceKeys: receipts.flatMap((receipt) => receipt.sourceKey ?? []),
  };
}

function statesOf(rows: readonly { state: string }[]): string[] {
  return rows.map((row) => row.state);
}
