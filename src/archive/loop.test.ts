import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createMemoryCatalogue } from "#catalogue/memory.ts";
import { Failure, type Instant, type PackId, type ReceiptId, type TenantId } from "#core/index.ts";
import type { Spool, SpooledItem, SpoolId } from "#spool/index.ts";
import { createMemoryBlobStore } from "../../src/blob/memory.ts";
import { createSimClock } from "../../test/sim/sim-clock.ts";
import { createSimEntropy } from "../../test/sim/sim-entropy.ts";
import { startArchiveLoop } from "./loop.ts";

const acme = "acme" as TenantId;
const start = Date.UTC(2030, 0, 1) as Instant;

const clockWatch = { doubt: () => null };
const indexer = {
  offer: () => undefined,
  wake: () => undefined,
  rebuild: async () => 0,
  covered: async () => undefined,
  stepped: async () => undefined,
  stop: async () => undefined,
};

/** A loop over items that are put in one by one; tells the receipts of each batch it wrote. */
async function loopOver(context: TestContext) {
  const clock = createSimClock(start);
  const memory = createMemoryCatalogue();
  await memory.addTenant({ id: acme, name: "Acme", createdAt: start });
  const waiting = new Map<SpoolId, SpooledItem>();
  let arrived: () => void = () => undefined;
  const spool = {
    waiting: () => waiting.values(),
    release: (id: SpoolId) => void waiting.delete(id),
    arrival: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        arrived = resolve;
        signal.addEventListener("abort", () => resolve());
      }),
  } as Pick<Spool, "waiting" | "release" | "arrival"> as Spool;
  const batches: string[][] = [];
  const loop = startArchiveLoop({
    ...{ spool, clock, indexer, clockWatch, blobs: createMemoryBlobStore(), entropy: createSimEntropy(1) },
    catalogue: { ...memory, commit: async () => [] },
    log: () => undefined,
    newestPacks: new Map(),
    writeBatch: async ({ items }) => {
      batches.push(items.map(({ arrival }) => arrival.receipt));
      const receipts = items.map(({ arrival }) => ({ receipt: arrival.receipt, flags: [] }) as never);
      const batch = { pack: null, parts: [], messages: [], receipts, archivedAt: start };
      return { batch, texts: [], failed: [], doubted: [] };
    },
    settled: () => undefined,
  });
  context.after(() => loop.stop());
  const put = (receipt: string) => {
    const arrival = { receipt: receipt as ReceiptId, destination: { tenant: acme }, sourceKey: null };
    waiting.set(receipt as SpoolId, { id: receipt as SpoolId, bytes: 1, arrival } as SpooledItem);
    arrived();
  };
  const rested = async () => {
    for (let turns = 0; turns < 50; turns += 1) await turn();
  };
  return { clock, loop, batches, put, rested };
}

test("the first mail is archived at once; what trickles in after it gathers into one batch", async (context) => {
  const { clock, batches, put, rested } = await loopOver(context);
  put("first");
  await rested();
  assert.deepEqual(batches, [["first"]]);
  put("second");
  await rested();
  put("third");
  await rested();
  assert.deepEqual(batches, [["first"]]);
  await clock.advance(300);
  await rested();
  assert.deepEqual(batches, [["first"], ["second", "third"]]);
});

test("nobody who waits for the archive waits for mail to gather", async (context) => {
  const { loop, batches, put, rested } = await loopOver(context);
  put("first");
  await rested();
  put("second");
  await loop.drained();
  assert.deepEqual(batches, [["first"], ["second"]]);
});

test("names the pack of a batch that could not be entered until a later attempt has entered it", async (context) => {
  const clock = createSimClock(start);
  const memory = createMemoryCatalogue();
  await memory.addTenant({ id: acme, name: "Acme", createdAt: start });
  const arrival = { receipt: "rcp_1" as ReceiptId, destination: { tenant: acme }, sourceKey: null };
  const waiting = new Map([["item" as SpoolId, { id: "item" as SpoolId, bytes: 1, arrival } as SpooledItem]]);
  const spool = {
    waiting: () => waiting.values(),
    release: (id: SpoolId) => void waiting.delete(id),
    arrival: (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  } as Pick<Spool, "waiting" | "release" | "arrival"> as Spool;
  let isBusy = true;
  let written: PackId | undefined;
  const loop = startArchiveLoop({
    ...{ spool, clock, blobs: createMemoryBlobStore(), entropy: createSimEntropy(1) },
    catalogue: {
      ...memory,
      commit: async () => {
        if (isBusy) throw new Failure("CATALOGUE-BUSY", "later", "the catalogue is busy");
        return [{ receipt: arrival.receipt, message: "" as never, state: "archived", seq: 1 }];
      },
    },
    indexer,
    clockWatch,
    log: () => undefined,
    newestPacks: new Map(),
    writeBatch: async ({ pack }) => {
      written = pack;
      const receipts = [{ receipt: arrival.receipt, flags: [] } as never];
      return {
        batch: { pack: null, parts: [], messages: [], receipts, archivedAt: start },
        texts: [],
        failed: [],
        doubted: [],
      };
    },
    settled: () => undefined,
  });
  context.after(() => loop.stop());
  for (let turns = 0; written === undefined && turns < 50; turns += 1) await turn();
  assert.ok(written !== undefined);
  assert.equal(await loop.settled(), written);
  assert.equal(waiting.size, 1);
  isBusy = false;
  await clock.advance(250);
  await loop.drained();
  assert.equal(await loop.settled(), null);
  assert.equal(waiting.size, 0);
});

test("gives up a pack that the catalogue's own code fails on, and finds the one item that it fails on", async (context) => {
  const clock = createSimClock(start);
  const memory = createMemoryCatalogue();
  await memory.addTenant({ id: acme, name: "Acme", createdAt: start });
  const itemOf = (name: string) => {
    const arrival = { receipt: `rcp_${name}` as ReceiptId, destination: { tenant: acme }, sourceKey: null };
    return { id: name as SpoolId, bytes: 1, arrival } as SpooledItem;
  };
  const waiting = new Map(["a", "b", "bad", "c"].map((name) => [name as SpoolId, itemOf(name)]));
  const written: { names: string[]; distrust: string | null }[] = [];
  const entered: string[] = [];
  const deleted: string[] = [];
  const loop = startArchiveLoop({
    ...{ clock, entropy: createSimEntropy(1), log: () => undefined, newestPacks: new Map(), settled: () => undefined },
    spool: {
      waiting: () => waiting.values(),
      release: (id: SpoolId) => void waiting.delete(id),
      arrival: (signal: AbortSignal) => new Promise<void>((done) => signal.addEventListener("abort", () => done())),
    } as Pick<Spool, "waiting" | "release" | "arrival"> as Spool,
    blobs: { delete: async (name) => void deleted.push(name) },
    catalogue: {
      ...memory,
      commit: async (_, { receipts }) => {
        const names = receipts.map(({ receipt }) => receipt);
        const isUnread = written.at(-1)?.distrust === "storing_fault";
        if (names.includes("rcp_bad" as ReceiptId) && !isUnread) throw new TypeError("a fault of our own");
        entered.push(...names);
        return [];
      },
    },
    indexer,
    clockWatch,
    writeBatch: async ({ items, distrust }) => {
      written.push({ names: items.map(({ id }) => id), distrust });
      const receipts = items.map(({ arrival }) => ({ receipt: arrival.receipt, flags: [] }) as never);
      const batch = { pack: null, parts: [], messages: [], receipts, archivedAt: start };
      return { batch, texts: [], failed: [], doubted: [] };
    },
  });
  context.after(() => loop.stop());
  for (let turns = 0; waiting.size > 0 && turns < 2_000; turns += 1) {
    await turn();
    await clock.advance(1_000);
  }
  assert.deepEqual(entered.toSorted(), ["rcp_a", "rcp_b", "rcp_bad", "rcp_c"]);
  assert.deepEqual(written.at(-1), { names: ["bad"], distrust: "storing_fault" });
  assert.ok(written.slice(0, -1).every(({ distrust }) => distrust === null));
  // Every pack that held the item, but the last, was removed before another was written.
  assert.equal(deleted.length, written.filter(({ names }) => names.includes("bad")).length - 1);
});
