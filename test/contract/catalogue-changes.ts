import assert from "node:assert/strict";
import { test } from "node:test";
import { batchOf, type Context, fails, messageEntry, receiptEntry } from "./catalogue-entries.ts";

export function changesContract({ catalogue, newTenant }: Context): void {
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
