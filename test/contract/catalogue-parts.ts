import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredAt } from "#catalogue/index.ts";
import { batchOf, type Context, fails, packEntry, partEntry } from "./catalogue-entries.ts";

export function partsContract({ catalogue, newTenant }: Context): void {
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
