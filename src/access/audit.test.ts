import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditDraft } from "#catalogue/index.ts";
import type { TenantId } from "#core/index.ts";
import { createSimClock } from "../../test/api/sim-clock.ts";
import { createMemoryCatalogue } from "../catalogue/memory.ts";
import type { Identity } from "./access.ts";
import { createAudit } from "./audit.ts";

const tenant = "acme" as TenantId;
const all = { before: null, limit: 1_000 };
const ann: Identity = { kind: "person", tenant, role: "admin", person: "per_1", label: "ann@x.example" };

async function small(tenants: string[] = ["acme"]) {
  const clock = createSimClock("2030-01-01T00:00:00Z");
  const catalogue = createMemoryCatalogue();
  for (const id of tenants) await catalogue.addTenant({ id: id as TenantId, name: id, createdAt: clock.now() });
  const batches: number[] = [];
  const log: string[] = [];
  const parts = {
    ...{ clock, log: (event: string) => log.push(event) },
    catalogue: {
      ...catalogue,
      addAudit: (drafts: readonly AuditDraft[]) => {
        batches.push(drafts.length);
        return catalogue.addAudit(drafts);
      },
    },
  };
  return { audit: createAudit(parts), clock, catalogue, batches, log };
}

test("an entry is there once it is noted, and entries that wait share a transaction", async () => {
  const { audit, batches } = await small();
  const noted = Promise.all(
    Array.from({ length: 40 }, (_, count) => audit.note(ann, "message.open", [`msg_${count}`])),
  );
  await noted;
  assert.deepEqual(batches, [1, 39]);
  await audit.note(ann, "claim", [], "a note");
  const [last, ...others] = await audit.entries(tenant, all);
  assert.deepEqual(
    { ...last, hash: "" },
    {
      ...{ tenant, at: Date.parse("2030-01-01T00:00:00Z"), kind: "person", who: "ann@x.example", action: "claim" },
      ...{ subjects: [], note: "a note", seq: 41, hash: "" },
    },
  );
  assert.deepEqual(
    others.reverse().map(({ subjects }) => subjects),
    Array.from({ length: 40 }, (_, count) => [`msg_${count}`]),
  );
});

test("whoever notes something hears that it could not be entered, and the next entry is tried anew", async () => {
  const { catalogue, clock } = await small();
  let isFull = true;
  const audit = createAudit({
    ...{ clock, log: () => undefined },
    catalogue: {
      ...catalogue,
      addAudit: async (drafts) => {
        if (isFull) throw new Error("no room");
        return catalogue.addAudit(drafts);
      },
    },
  });
  await assert.rejects(audit.note(ann, "claim", []), /no room/);
  isFull = false;
  await audit.note(ann, "session.begin", []);
  assert.deepEqual(
    (await audit.entries(tenant, all)).map(({ action }) => action),
    ["session.begin"],
  );
});

test("of a flood of refused sign-ins twenty in a minute are entered, and the rest is counted", async () => {
  const { audit, clock } = await small();
  for (let count = 0; count < 25; count += 1) audit.noteRefused("eve@x.example");
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(60_000);
  audit.noteRefused("eve@x.example");
  await audit.settled();
  const entries = await audit.entries(tenant, all);
  assert.equal(entries.length, 21);
  assert.deepEqual(
    [entries[0]!.kind, entries[0]!.who, entries[0]!.note],
    ["unknown", "eve@x.example", "after 5 more that were not entered one by one"],
  );
  assert.ok(entries.slice(1).every(({ note }) => note === null));
});

test("what was only counted is entered when the log is settled", async () => {
  const { audit } = await small();
  for (let count = 0; count < 23; count += 1) audit.noteRefused("eve@x.example");
  await audit.settled();
  await audit.settled();
  const entries = await audit.entries(tenant, all);
  assert.deepEqual([entries.length, entries[0]!.note], [21, "after 3 more that were not entered one by one"]);
});

test("a refused sign-in stands with the tenant whose person it names, and of several with no other", async () => {
  const { audit, catalogue, log } = await small(["acme", "other"]);
  await catalogue.addPerson({
    ...{ id: "per_1", tenant: "other" as TenantId, email: "Bob@x.example", role: "admin", passwordHash: "" },
    createdAt: createSimClock("2030-01-01T00:00:00Z").now(),
  });
  audit.noteRefused("bob@X.example");
  audit.noteRefused("nobody@x.example");
  await audit.settled();
  assert.deepEqual(await audit.entries(tenant, all), []);
  assert.deepEqual(
    (await audit.entries("other" as TenantId, all)).map(({ who }) => who),
    ["Bob@x.example"],
  );
  assert.deepEqual(log, ["sign-in.refused"]);
});
