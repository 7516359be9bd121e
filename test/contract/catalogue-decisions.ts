import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageEntry, ReceiptEntry } from "#catalogue/index.ts";
import type { ConnectorId, Envelope, RecipientSource } from "#core/index.ts";
import { at, batchOf, type Context, messageEntry, receiptEntry } from "./catalogue-entries.ts";

/** What the catalogue promises of receipts that somebody decides about. */
export function decisionContract({ catalogue, newTenant }: Context): void {
  const waiting = async () => {
    const tenant = await newTenant();
    const message = messageEntry("waits");
    const old = receiptEntry("old", message, { state: "quarantined", reason: "inner_missing" });
    const held = receiptEntry("held", message, { state: "held", reason: "too_old" });
    await catalogue().commit(tenant, batchOf([message], [old, held]));
    return { tenant, message, old, held };
  };
  const decided = (name: string, message: MessageEntry, about: ReceiptEntry) =>
    receiptEntry(name, message, {
      decision: { receipt: about.receipt, what: "accept", by: "someone", why: null, at: at(8) },
    });

  test("a receipt with a decision takes the place of the one it is about", async () => {
    const { tenant, message, old, held } = await waiting();
    assert.deepEqual(
      (await catalogue().undecided(tenant, 0, 9)).map(({ receipt }) => receipt),
      [old.receipt, held.receipt],
    );
    assert.deepEqual(
      (await catalogue().undecided(tenant, 0, 9, "too_old")).map(({ receipt }) => receipt),
      [held.receipt],
    );
    const added = decided("new", message, old);
    const [outcome] = await catalogue().commit(tenant, batchOf([], [added]));
    assert.equal(outcome?.state, "archived");
    assert.deepEqual(
      (await catalogue().undecided(tenant, 0, 9)).map(({ receipt }) => receipt),
      [held.receipt],
    );
    assert.deepEqual(await catalogue().undecided(tenant, 2, 9), []);
    assert.deepEqual(await catalogue().undecidedReasons(tenant), [{ state: "held", reason: "too_old", receipts: 1 }]);
    const [before] = await catalogue().receipts(tenant, [old.receipt]);
    assert.equal(before?.supersededBy, added.receipt);
    const [after] = await catalogue().receipts(tenant, [added.receipt]);
    assert.deepEqual(after?.decision, added.decision);
    const { connectors } = await catalogue().tallies(tenant);
    const { archived, quarantined, held: heldCount } = connectors[0]!;
    assert.deepEqual({ archived, quarantined, heldCount }, { archived: 1, quarantined: 0, heldCount: 1 });
  });

  test("the first of two decisions about one receipt counts, in one batch and in two", async () => {
    const { tenant, message, old, held } = await waiting();
    const outcomes = await catalogue().commit(
      tenant,
      batchOf([], [decided("n1", message, old), decided("n2", message, old), decided("n3", message, held)]),
    );
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      ["archived", "known", "duplicate"],
    );
    const [late] = await catalogue().commit(tenant, batchOf([], [decided("n4", message, old)]));
    assert.equal(late?.state, "known");
    assert.deepEqual(await catalogue().undecided(tenant, 0, 9), []);
  });

  test("the newest receipts of a connector tell of its source, those that were superseded left out", async () => {
    const { tenant, message, old, held } = await waiting();
    const envelope = (source: RecipientSource): Envelope => {
      const recipient = { address: "a@x.example", role: "to", relation: "direct", via: null, source } as const;
      return { sender: null, onBehalfOf: null, recipients: [recipient, { ...recipient, source: "header" }] };
    };
    const elsewhere = receiptEntry("elsewhere", message, { connector: "con_elsewhere" as ConnectorId });
    const reported = receiptEntry("reported", message, { envelope: envelope("report") });
    const copied = receiptEntry("copied", message, { envelope: envelope("hop"), flags: ["source_clock_ahead_90m"] });
    const nobody = receiptEntry("nobody", message, { envelope: { sender: null, onBehalfOf: null, recipients: [] } });
    await catalogue().commit(tenant, batchOf([], [elsewhere, reported, copied, nobody, decided("new", message, old)]));
    const found = await catalogue().evidence(tenant, held.connector, 9);
    assert.deepEqual(
      found.map(({ envelope, flags }) => [envelope, ...flags]),
      [[null], ["nobody"], ["hop", "source_clock_ahead_90m"], ["report"], [null]],
    );
    const { state, receivedAt, peer, helo } = found.at(-1)!;
    assert.deepEqual([state, receivedAt, peer, helo], ["held", held.receivedAt, held.hop.peer, held.hop.helo]);
    assert.deepEqual(await catalogue().evidence(tenant, held.connector, 1), found.slice(0, 1));
    assert.deepEqual(await catalogue().evidence(tenant, "con_none" as ConnectorId, 9), []);
  });

  test("a decision about a receipt that is lost is a receipt like any other", async () => {
    const { tenant, message } = await waiting();
    const lost = receiptEntry("never committed", message);
    const [outcome] = await catalogue().commit(tenant, batchOf([], [decided("n5", message, lost)]));
    assert.equal(outcome?.state, "archived");
  });
}
