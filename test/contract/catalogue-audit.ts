import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditDraft, AuditEntry } from "#catalogue/index.ts";
import type { TenantId } from "#core/index.ts";
import { isLinked } from "../../src/catalogue/audit-chain.ts";
import { at, type Context } from "./catalogue-entries.ts";

/** What the catalogue promises of the audit log. */
export function auditContract({ catalogue, newTenant }: Context): void {
  const draft = (tenant: TenantId, more: Partial<AuditDraft> = {}): AuditDraft => ({
    ...{ tenant, at: at(3), kind: "person", who: "ann@example.com", action: "quarantine.discard" },
    ...{ subjects: ["rcp_1", "rcp_2"], note: "why" },
    ...more,
  });
  const all = { before: null, limit: 10 };
  const numbers = (entries: AuditEntry[]) => entries.map(({ seq }) => seq);

  test("numbers a tenant's entries from 1, links each to the one before, and gives them back newest first", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    const [first, , second] = (await catalogue().addAudit([
      draft(tenant),
      draft(other),
      draft(tenant, { note: null }),
    ])) as [AuditEntry, AuditEntry, AuditEntry];
    const [third] = (await catalogue().addAudit([draft(tenant)])) as [AuditEntry];
    assert.deepEqual(numbers([first, second, third]), [1, 2, 3]);
    assert.deepEqual(await catalogue().audit(tenant, all), [third, second, first]);
    assert.deepEqual(await catalogue().audit(tenant, { before: 3, limit: 1 }), [second]);
    assert.deepEqual(numbers(await catalogue().audit(other, all)), [1]);
    assert.ok(isLinked(undefined, first) && isLinked(first, second) && isLinked(second, third));
    for (const change of [
      ...[{ who: "eve" }, { note: "x" }, { at: at(4) }, { subjects: [] }, { action: "claim" }],
      ...[{ kind: "token" as const }, { tenant: other }, { seq: 7 }],
    ])
      assert.equal(isLinked(first, { ...second, ...change }), false, JSON.stringify(change));
    assert.equal(isLinked(undefined, second) || isLinked(first, third), false);
  });

  test("finds entries by who, action, subject and time", async () => {
    const tenant = await newTenant();
    await catalogue().addAudit([
      draft(tenant, { who: "ann@example.com", action: "claim", subjects: [], at: at(1) }),
      draft(tenant, { who: "bob@example.com", action: "message.open", subjects: ["msg_1"], at: at(2) }),
      draft(tenant, { who: "bob@example.com", action: "message.open", subjects: ["msg_2", "msg_1"], at: at(3) }),
      draft(tenant, { who: "bob@example.com", action: "claim", subjects: ["msg_11"], at: at(4) }),
    ]);
    const found = async (asked: object) => numbers(await catalogue().audit(tenant, { ...all, ...asked }));
    assert.deepEqual(await found({ who: "bob@example.com" }), [4, 3, 2]);
    assert.deepEqual(await found({ who: "bob" }), []);
    assert.deepEqual(await found({ action: "claim" }), [4, 1]);
    assert.deepEqual(await found({ subject: "msg_1" }), [3, 2]);
    assert.deepEqual(await found({ since: at(2), until: at(4) }), [3, 2]);
    assert.deepEqual(await found({ action: "claim", who: "ann@example.com", before: 4 }), [1]);
  });

  test("enters none of several when one is of an unknown tenant", async () => {
    const tenant = await newTenant();
    await assert.rejects(catalogue().addAudit([draft(tenant), draft("nobody" as TenantId)]), {
      code: "CATALOGUE-MISSING",
    });
    assert.deepEqual(await catalogue().audit(tenant, all), []);
    assert.deepEqual(await catalogue().addAudit([]), []);
  });

  test("keeps the audit log when a tenant's archive is cleared", async () => {
    const tenant = await newTenant();
    const entries = await catalogue().addAudit([draft(tenant)]);
    await catalogue().clearArchive(tenant);
    assert.deepEqual(await catalogue().audit(tenant, all), entries);
  });
}
