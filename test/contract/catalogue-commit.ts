import assert from "node:assert/strict";
import { test } from "node:test";
import type { CatalogueBatch, MessageRow } from "#catalogue/index.ts";
import {
  askedOf,
  at,
  batchOf,
  type Context,
  everything,
  fails,
  messageEntry,
  packEntry,
  receiptEntry,
  receiptId,
  recipient,
  reportEntry,
  statesOf,
} from "./catalogue-entries.ts";

export function commitContract({ catalogue, newTenant }: Context): void {
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
