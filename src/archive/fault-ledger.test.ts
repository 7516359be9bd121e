import assert from "node:assert/strict";
import { test } from "node:test";
import type { SpoolId } from "#spool/index.ts";
import { createFaultLedger, faultsMax, faultsMaxUnproved } from "./fault-ledger.ts";

const ids = Array.from({ length: 5 }, (_, index) => `item-${index}` as SpoolId);
const [first, second] = ids as [SpoolId, SpoolId];

test("halves the batch of what failed together, and nobody else's", () => {
  const ledger = createFaultLedger();
  ledger.note(ids);
  assert.equal(ledger.batchMax(first), 3);
  ledger.note(ids.slice(0, 3));
  assert.deepEqual([ledger.batchMax(first), ledger.batchMax(ids[4] as SpoolId)], [2, 3]);
  assert.equal(ledger.batchMax("other" as SpoolId), Number.POSITIVE_INFINITY);
  ledger.forget(first);
  assert.equal(ledger.batchMax(first), Number.POSITIVE_INFINITY);
});

test("holds an item itself at fault once it failed alone too often while others were stored", () => {
  const ledger = createFaultLedger();
  for (let count = 0; count <= faultsMax; count += 1) ledger.note([first]);
  assert.equal(ledger.isAtFault(first), false, "nothing else was stored: everything may fail");
  ledger.noteStored();
  assert.equal(ledger.isAtFault(first), true);
  for (let count = 0; count < faultsMax; count += 1) ledger.note([second]);
  ledger.noteStored();
  assert.equal(ledger.isAtFault(second), false);
});

test("holds an item at fault in the end when no other mail comes", () => {
  const ledger = createFaultLedger();
  for (let count = 0; count < faultsMaxUnproved; count += 1) ledger.note([first]);
  assert.equal(ledger.isAtFault(first), false);
  ledger.note([first]);
  assert.equal(ledger.isAtFault(first), true);
});
