import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageEntry } from "#catalogue/index.ts";
import type { MessageId, PackId } from "#core/index.ts";
import {
  batchOf,
  type Context,
  digest,
  messageEntry,
  packEntry,
  receiptEntry,
  receiptId,
  reportEntry,
} from "./catalogue-entries.ts";

export function readingContract({ catalogue, newTenant }: Context): void {
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
    const asked = ["p3", "p2", "p1", "p2"].map((name) => packEntry(name).pack);
    assert.deepEqual(await catalogue().messageCounts(tenant, asked), [0, 3, 3, 3]);
    assert.deepEqual(await catalogue().messageCounts(tenant, []), []);
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
