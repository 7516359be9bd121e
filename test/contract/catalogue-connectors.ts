import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorEntry, HistoryEntry } from "#catalogue/index.ts";
import type { ConnectorId, TenantId } from "#core/index.ts";
import { at, type Context, connectorEntry, fails } from "./catalogue-entries.ts";

export function connectorsContract({ catalogue, newTenant }: Context): void {
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
