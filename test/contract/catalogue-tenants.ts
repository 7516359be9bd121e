import assert from "node:assert/strict";
import { test } from "node:test";
import type { TenantId } from "#core/index.ts";
import {
  at,
  batchOf,
  type Context,
  connectorEntry,
  credentialEntry,
  everything,
  fails,
  messageEntry,
  packEntry,
  personEntry,
  receiptEntry,
  receiptId,
  statesOf,
} from "./catalogue-entries.ts";

export function tenantsContract({ catalogue, newTenant }: Context): void {
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
        catalogue().messageCounts(tenant, [packEntry("p1").pack]),
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
