import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Instant, ReceiptId, Sha256 } from "#core/index.ts";
import { type CapturedKind, isCaptured, RecordTable } from "./record-table.ts";
import type { Capture, UidlRecord, UidlState } from "./uidl-memory.ts";

/** Objects as the product makes them. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });

const instant = fc.integer({ min: 0, max: 2 ** 45 }) as fc.Arbitrary<Instant>;
/** Few digests, so that contents are equal often and begin alike. */
const digest = fc.constantFrom(
  ...["00", "01", "0100000001", "ff"].map((begin) => begin.padEnd(64, "0")),
) as fc.Arbitrary<Sha256>;
const captured: CapturedKind[] = ["spooled", "archived", "delete-pending", "deleted", "gone"];

const capture: fc.Arbitrary<Capture> = plain({
  receipt: fc.oneof(fc.constant(`rcp_${"0".repeat(26)}`), fc.string()) as fc.Arbitrary<ReceiptId>,
  sourceKey: fc.oneof(digest, fc.string()),
  sha256: fc.oneof({ weight: 9, arbitrary: digest }, fc.constant("odd" as Sha256)),
  bytes: fc.nat(),
  headSha256: digest,
  listBytes: fc.option(fc.nat()),
  takenAt: instant,
});

const state: fc.Arbitrary<UidlState> = fc.oneof(
  fc.constant<UidlState>({ kind: "seen" }),
  plain({ kind: fc.constant("failed" as const), attempts: fc.nat(), reason: fc.string(), retryAt: instant }),
  plain({ kind: fc.constantFrom(...captured), capture }),
);

const key = fc.constantFrom(...Array.from({ length: 12 }, (_, at) => `u:${at}é`.repeat(at + 1)));

type Step =
  | { kind: "put"; record: UidlRecord }
  | { kind: "delete"; key: string }
  | { kind: "advance"; key: string; to: CapturedKind; at: Instant };

const step: fc.Arbitrary<Step> = fc.oneof(
  plain({
    kind: fc.constant("put" as const),
    record: plain({ key, state, firstSeenAt: instant, changedAt: instant }),
  }),
  plain({ kind: fc.constant("delete" as const), key }),
  plain({ kind: fc.constant("advance" as const), key, to: fc.constantFrom(...captured), at: instant }),
);

/** The same steps on records as they are. */
function carryOut(records: Map<string, UidlRecord>, one: Step): boolean | undefined {
  if (one.kind === "delete") return records.delete(one.key);
  if (one.kind === "put") {
    records.set(one.record.key, one.record);
    return;
  }
  const found = records.get(one.key);
  if (found === undefined || !("capture" in found.state)) return false;
  records.set(one.key, { ...found, state: { kind: one.to, capture: found.state.capture }, changedAt: one.at });
  return true;
}

function carryOutPacked(table: RecordTable, one: Step): boolean | undefined {
  if (one.kind === "put") return void table.put(one.record);
  return one.kind === "delete" ? table.delete(one.key) : table.advance(one.key, one.to, one.at);
}

function contentsOf(records: Map<string, UidlRecord>, sha256: string): string[] {
  return [...records.values()].flatMap(({ key, state }) =>
    "capture" in state && state.capture.sha256 === sha256 ? [key] : [],
  );
}

test("whatever is put, advanced and deleted, it says the same as a map of the records", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new RecordTable();
      const records = new Map<string, UidlRecord>();
      for (const one of steps) assert.equal(carryOutPacked(table, one), carryOut(records, one));
      assert.deepEqual([...table.keys()].sort(), [...records.keys()].sort());
      assert.equal(table.size, records.size);
      for (const [one, record] of records) assert.deepEqual(table.get(one), record);
      for (const [one, kind] of table.kinds())
        assert.deepEqual([kind, table.kind(one)], Array(2).fill(records.get(one)?.state.kind));
      const digests = [...records.values()].flatMap(({ state }) => ("capture" in state ? [state.capture.sha256] : []));
      for (const sha256 of digests)
        assert.deepEqual(table.withContent(sha256).sort(), contentsOf(records, sha256).sort());
    }),
  );
});

function numbered(number: number, kind: CapturedKind): UidlRecord {
  const digestOf = (salt: number) => ((number * 2_654_435_761 + salt) >>> 0).toString(16).padEnd(64, "0") as Sha256;
  const one: Capture = {
    receipt: `rcp_${String(number).padStart(26, "0")}` as ReceiptId,
    sourceKey: digestOf(1),
    sha256: digestOf(2),
    bytes: number,
    headSha256: digestOf(3),
    listBytes: null,
    takenAt: number as Instant,
  };
  return { key: `u:${number}`, state: { kind, capture: one }, firstSeenAt: 1 as Instant, changedAt: 2 as Instant };
}

test("finds content among many records, over the growth of its index", () => {
  const table = new RecordTable();
  const count = 20_000;
  for (let number = 0; number < count; number += 1)
    table.put({ ...numbered(number, "spooled"), state: { kind: "seen" } });
  for (let number = 0; number < count; number += 1) table.put(numbered(number, "spooled"));
  for (let number = 0; number < count; number += 2) table.delete(`u:${number}`);
  for (let number = 0; number < count; number += 1) {
    const { key, state } = numbered(number, "spooled");
    assert.ok(isCaptured(state.kind) && "capture" in state);
    assert.deepEqual(table.withContent(state.capture.sha256), number % 2 === 0 ? [] : [key]);
  }
});

test("knows in which session a message was last listed", () => {
  const table = new RecordTable();
  table.put(numbered(1, "archived"));
  table.put(numbered(2, "archived"));
  assert.deepEqual([table.session, table.listedIn("u:1"), table.listedIn("u:never")], [0, 0, 0]);
  assert.equal(table.beginSession(), 1);
  table.list("u:1");
  assert.equal(table.beginSession(), 2);
  table.list("u:2");
  table.advance("u:1", "gone", 9 as Instant);
  assert.deepEqual([table.listedIn("u:1"), table.listedIn("u:2")], [1, 2]);
  table.delete("u:1");
  table.put(numbered(1, "archived"));
  assert.equal(table.listedIn("u:1"), 0);
});
