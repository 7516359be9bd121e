import assert from "node:assert/strict";
import { test } from "node:test";
import type { CatalogueBatch, CatalogueMerge, PackEntry, StoredAt } from "#catalogue/index.ts";
import type { TenantId } from "#core/index.ts";
import {
  at,
  batchOf,
  type Context,
  everything,
  fails,
  messageEntry,
  packEntry,
  partEntry,
  receiptEntry,
  reportEntry,
} from "./catalogue-entries.ts";

const merged: PackEntry = { ...packEntry("p2m"), createdAt: at(50) };

/** Two batches, each with a part, a message and a report, and the second with a duplicate that lies in no frame. */
function twoBatches(): [CatalogueBatch, CatalogueBatch] {
  const [a, b] = [messageEntry("a"), messageEntry("b", { pack: packEntry("p2").pack })];
  const first = batchOf([a], [receiptEntry("r1", a, { report: reportEntry("one"), sourceKey: "k1" })]);
  const second = batchOf(
    [b],
    [receiptEntry("r2", b, { report: reportEntry("two", "p2") }), receiptEntry("r3", a, { receivedAt: at(6) })],
  );
  return [
    { ...first, parts: [partEntry("x")] },
    { ...second, pack: packEntry("p2"), archivedAt: at(19), parts: [partEntry("y", { pack: packEntry("p2").pack })] },
  ];
}

/** The merge of these batches: every entry lies in the new pack, somewhere else. */
function mergeOf(batches: readonly CatalogueBatch[]): CatalogueMerge {
  const place = <Entry extends { storedAt: StoredAt }>(entry: Entry) => ({
    ...entry,
    pack: merged.pack,
    storedAt: `moved ${entry.storedAt}` as StoredAt,
  });
  return {
    pack: merged,
    replaces: batches.flatMap(({ pack }) => pack?.pack ?? []),
    batches: batches.map(({ archivedAt, parts, messages, receipts }) => ({
      archivedAt,
      parts: parts.map(place),
      messages: messages.map(place),
      receipts: receipts.map((receipt) => ({ ...receipt, report: receipt.report && place(receipt.report) })),
    })),
  };
}

/** What the catalogue says of where things lie. */
async function placesIn({ catalogue }: Context, tenant: TenantId) {
  const rows = await catalogue().messagesAfter(tenant, null, 100);
  const parts = await catalogue().parts(tenant, [partEntry("x").name, partEntry("y").name]);
  const reports = rows.flatMap(({ receipts }) => receipts.flatMap(({ report }) => report ?? []));
  return [...rows, ...parts, ...reports].map(({ pack, storedAt }) => [pack, storedAt.startsWith("moved ")]);
}

/** The promises of merging. */
export function mergeContract(context: Context): void {
  const { catalogue, newTenant } = context;

  test("moves what lies in the packs into the new one, and changes nothing else", async () => {
    const tenant = await newTenant();
    const batches = twoBatches();
    for (const batch of batches) await catalogue().commit(tenant, batch);
    const before = await catalogue().changes(tenant, 0, 100);
    const rows = await catalogue().messagesAfter(tenant, null, 100);
    const tallies = await catalogue().tallies(tenant);
    assert.deepEqual(await catalogue().merge(tenant, mergeOf(batches)), { receipts: 0 });
    assert.deepEqual(await placesIn(context, tenant), Array(6).fill([merged.pack, true]));
    assert.deepEqual(await catalogue().packs(tenant), [merged]);
    assert.deepEqual(await catalogue().changes(tenant, 0, 100), before);
    assert.deepEqual(await catalogue().tallies(tenant), tallies);
    const placeless = (row: (typeof rows)[number]) =>
      JSON.parse(JSON.stringify({ ...row, pack: 0, storedAt: 0 }).replaceAll(/"(pack|storedAt)":"[^"]*"/g, '"$1":0'));
    const after = await catalogue().messagesAfter(tenant, null, 100);
    assert.deepEqual(after.map(placeless), rows.map(placeless));
    assert.deepEqual(
      await catalogue().messagesInPack(tenant, merged.pack),
      rows.map(({ id }) => id),
    );
  });

  test("lists what was superseded in the order in which it may go, until it is forgotten", async () => {
    const tenant = await newTenant();
    const batches = twoBatches();
    for (const batch of batches) await catalogue().commit(tenant, batch);
    await catalogue().merge(tenant, mergeOf(batches));
    const mark = { by: merged.pack, since: merged.createdAt };
    const [first, second] = [packEntry("p1"), packEntry("p2")].map((pack) => ({ ...pack, ...mark }));
    assert.deepEqual(await catalogue().superseded(tenant), [second, first]);
    assert.deepEqual(await catalogue().packTotals(tenant, null), { packs: 1, bytes: merged.bytes });
    await catalogue().forgetSuperseded(tenant, second!.pack);
    await catalogue().forgetSuperseded(tenant, second!.pack);
    assert.deepEqual(await catalogue().superseded(tenant), [first]);
    await catalogue().clearArchive(tenant);
    assert.deepEqual(await catalogue().superseded(tenant), []);
  });

  test("of two merges, what was superseded first may go first", async () => {
    const tenant = await newTenant();
    const batches = twoBatches();
    for (const batch of batches) await catalogue().commit(tenant, batch);
    const first = mergeOf(batches);
    await catalogue().merge(tenant, first);
    const again = { ...packEntry("p2n"), createdAt: at(60) };
    const place = <Entry extends object>(entry: Entry) => ({ ...entry, pack: again.pack });
    const second: CatalogueMerge = {
      pack: again,
      replaces: [...first.replaces, merged.pack],
      batches: first.batches.map((batch) => ({
        ...batch,
        parts: batch.parts.map(place),
        messages: batch.messages.map(place),
        receipts: batch.receipts.map((receipt) => ({ ...receipt, report: receipt.report && place(receipt.report) })),
      })),
    };
    await catalogue().merge(tenant, second);
    assert.deepEqual(
      (await catalogue().superseded(tenant)).map(({ pack, by }) => [pack, by]),
      [
        [packEntry("p2").pack, merged.pack],
        [packEntry("p1").pack, merged.pack],
        [merged.pack, again.pack],
      ],
    );
  });

  test("does nothing more when it is repeated", async () => {
    const tenant = await newTenant();
    const batches = twoBatches();
    for (const batch of batches) await catalogue().commit(tenant, batch);
    await catalogue().merge(tenant, mergeOf(batches));
    const before = [await everything(catalogue(), tenant), await catalogue().superseded(tenant)];
    await catalogue().merge(tenant, mergeOf(batches));
    assert.deepEqual([await everything(catalogue(), tenant), await catalogue().superseded(tenant)], before);
  });

  test("adds what is not there, as its batches would have: all of them, or those whose packs went first", async () => {
    const [whole, first, none] = [await newTenant(), await newTenant(), await newTenant()];
    const batches = twoBatches();
    for (const batch of batches) await catalogue().commit(whole, batch);
    await catalogue().commit(first, batches[0]);
    assert.deepEqual(await catalogue().merge(whole, mergeOf(batches)), { receipts: 0 });
    assert.deepEqual(await catalogue().merge(first, mergeOf(batches)), { receipts: 2 });
    assert.deepEqual(await catalogue().merge(none, mergeOf(batches)), { receipts: 3 });
    const expected = await everything(catalogue(), whole);
    assert.deepEqual(await everything(catalogue(), first), expected);
    assert.deepEqual(await everything(catalogue(), none), expected);
  });

  test("does nothing when a message or a report would be left behind", async () => {
    const tenant = await newTenant();
    const batches = twoBatches();
    for (const batch of batches) await catalogue().commit(tenant, batch);
    const before = await everything(catalogue(), tenant);
    const { replaces, batches: all } = mergeOf(batches);
    await fails(catalogue().merge(tenant, { pack: merged, replaces, batches: all.slice(0, 1) }), "CATALOGUE-FAULT");
    const withoutReport = all.map((batch) => ({ ...batch, receipts: [] }));
    await fails(catalogue().merge(tenant, { pack: merged, replaces, batches: withoutReport }), "CATALOGUE-FAULT");
    assert.deepEqual(await everything(catalogue(), tenant), before);
    assert.deepEqual(await catalogue().superseded(tenant), []);
  });
}
