import assert from "node:assert/strict";
import { test } from "node:test";
import type { BlobStore } from "#blob/index.ts";
import { createMemoryCatalogue } from "#catalogue/memory.ts";
import { type Instant, messageIdOf, type PackId, type Sha256, type TenantId } from "#core/index.ts";
import { openPack, packBlobName } from "#pack/index.ts";
import { createSimEntropy } from "../../test/sim/sim-entropy.ts";
import { acme, type Batches, openBatches } from "../../test/support/batches.ts";
import { collect, seededBytes, sha256 } from "../../test/support/bytes.ts";
import { eagerMerging } from "../../test/support/merging.ts";
import { adoptPacks } from "./adopt.ts";
import { createBandwidth, throttled } from "./bandwidth.ts";
import { type Compaction, createCompaction } from "./compaction.ts";
import { mergePacks } from "./merge-packs.ts";
import type { MergeBounds } from "./merge-plan.ts";
import { provePack } from "./prove-pack.ts";
import { createRetrieval } from "./retrieve.ts";
import { verifyArchive } from "./verify.ts";

const hourMs = 3_600_000;
const lines = (bytes: Uint8Array): string =>
  (
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  ).join("\r\n");

/** A mail with text of its own and, where given, an attachment in base64. */
function mail(subject: string, file: Uint8Array | null = null): Buffer {
  const head = `From: a@example.com\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n`;
  if (file === null) return Buffer.from(`${head}\r\n${`${subject} `.repeat(50)}\r\n`);
  const attachment = `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(file)}\r\n`;
  return Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${attachment}--b--\r\n`);
}

interface Compacting {
  batches: Batches;
  compaction: Compaction;
  log: string[];
  /** Moves time until the compaction rests. */
  rest(): Promise<void>;
}

function compacting(batches: Batches, bounds: Partial<MergeBounds> = {}, blobs: BlobStore = batches.blobs): Compacting {
  const { catalogue, clock, keyRing, openKey } = batches;
  const log: string[] = [];
  const all = { ...eagerMerging, ...bounds };
  const paced = throttled(blobs, createBandwidth(clock, all.bytesPerSecond, all.burstBytes));
  const { partKey, createPackKey } = keyRing;
  const parts = { blobs: paced, clock, catalogue, openKey, partKey, createPackKey };
  const compaction = createCompaction(
    {
      ...{ blobs, catalogue, clock, entropy: createSimEntropy(5), bounds: all },
      log: (event) => log.push(event),
      write: (request) => mergePacks(parts, request),
      prove: (tenant, pack) => provePack(parts, tenant, pack),
      halt: async () => undefined,
      superseded: () => undefined,
    },
    [acme],
  );
  const rest = async () => {
    for (let move = 0; move < 1_000 && !compaction.isAtRest(); move += 1) {
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (!compaction.isAtRest()) await clock.advance(1_000);
    }
    assert.ok(compaction.isAtRest(), "it comes to rest");
  };
  return { batches, compaction, log, rest };
}

async function stored(batches: Batches): Promise<PackId[]> {
  const names: PackId[] = [];
  for await (const name of batches.blobs.list(`packs/${acme}/`))
    names.push(name.slice(`packs/${acme}/`.length, -".pack".length) as PackId);
  return names;
}

async function assertAllComeBack(batches: Batches, mails: readonly Uint8Array[], tenant = acme): Promise<void> {
  // Nothing that was read before may help.
  const retrieval = createRetrieval(batches);
  for (const bytes of mails) {
    const [row] = await batches.catalogue.messages(tenant, [messageIdOf(sha256(bytes) as Sha256)]);
    assert.ok(row !== undefined);
    assert.ok((await collect(retrieval.message(tenant, row))).equals(bytes));
  }
}

/** Ten packs of one mail each, with a file that several share. */
async function tenPacks(): Promise<{ batches: Batches; mails: Buffer[] }> {
  const batches = await openBatches();
  const file = seededBytes(1, 9_000);
  const mails = Array.from({ length: 10 }, (_, index) =>
    mail(`number ${index}`, index % 3 === 0 ? file : index % 3 === 1 ? seededBytes(index, 5_000) : null),
  );
  for (const bytes of mails) await batches.archive([bytes]);
  return { batches, mails };
}

test("small packs become one, every message comes back, and the old packs go once their time is up", async (context) => {
  const { batches, mails } = await tenPacks();
  const { compaction, rest, log } = compacting(batches, { packsMax: 64, graceMs: hourMs });
  context.after(() => compaction.stop());
  const before = await batches.catalogue.packs(acme);
  compaction.start();
  await rest();
  assert.deepEqual(log, ["compaction.merged"]);
  const packs = await batches.catalogue.packs(acme);
  assert.deepEqual([packs.length, packs[1]], [2, before.at(-1)], "the newest is left as it is");
  assert.equal((await batches.catalogue.superseded(acme)).length, 9);
  assert.equal((await stored(batches)).length, 11);
  await assertAllComeBack(batches, mails);
  await batches.clock.advance(hourMs / 2);
  await rest();
  assert.equal((await stored(batches)).length, 11);
  await batches.clock.advance(hourMs);
  for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  await rest();
  assert.deepEqual(
    await stored(batches),
    packs.map(({ pack }) => pack),
  );
  assert.deepEqual(await batches.catalogue.superseded(acme), []);
  await assertAllComeBack(batches, mails);
  const result = await verifyArchive(
    { ...batches, entropy: createSimEntropy(2), settled: async () => null, examined: () => undefined },
    acme,
    { sample: null, since: null },
    () => undefined,
  );
  assert.deepEqual([result.damaged, result.unknown, result.checked], [[], [], 10]);
});

test("merged packs are shorter than what they were made of: what small frames held shares frames", async (context) => {
  const batches = await openBatches();
  const mails = Array.from({ length: 20 }, (_, index) => mail(`number ${index}`));
  for (const bytes of mails) await batches.archive([bytes]);
  const { compaction, rest } = compacting(batches, { packsMax: 64 });
  context.after(() => compaction.stop());
  const before = await batches.catalogue.packTotals(acme, null);
  compaction.start();
  await rest();
  const after = await batches.catalogue.packTotals(acme, null);
  assert.ok(after.bytes < before.bytes * 0.6, `${after.bytes} of ${before.bytes} bytes`);
  await assertAllComeBack(batches, mails);
});

test("reports come back from a merged pack, those around messages of other packs too", async (context) => {
  const batches = await openBatches();
  const inner = mail("inside", seededBytes(3, 6_000));
  const report = (number: number) =>
    Buffer.concat([
      Buffer.from(
        `From: journal@example.com\r\nSubject: report ${number}\r\nX-MS-Journal-Report:\r\nMIME-Version: 1.0\r\n` +
          `Content-Type: multipart/mixed; boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\n` +
          `Sender: a@example.com\r\nSubject: inside\r\nMessage-Id: <1@example.com>\r\nTo: b${number}@example.com\r\n\r\n` +
          `--r\r\nContent-Type: message/rfc822\r\n\r\n`,
      ),
      inner,
      Buffer.from("\r\n--r--\r\n"),
    ]);
  // Too large to be merged with the rest: the message of the later reports stays in another pack.
  await batches.archive([report(0), mail("large", seededBytes(4, 700_000))], "eej");
  for (let number = 1; number < 8; number += 1) await batches.archive([report(number)], "eej");
  const { compaction, rest } = compacting(batches);
  context.after(() => compaction.stop());
  compaction.start();
  await rest();
  assert.equal((await batches.catalogue.packs(acme)).length, 3);
  const retrieval = createRetrieval(batches);
  const [row] = await batches.catalogue.messages(acme, [messageIdOf(sha256(inner) as Sha256)]);
  assert.equal(row?.receipts.length, 8);
  for (const [number, receipt] of row?.receipts.entries() ?? []) {
    assert.ok(receipt.report !== null);
    assert.ok((await collect(retrieval.report(acme, receipt.report))).equals(report(number)));
  }
});

test("a catalogue is rebuilt the same from merged packs, from old and merged ones, and from a half removed set", async (context) => {
  const { batches, mails } = await tenPacks();
  const { compaction, rest } = compacting(batches, { packsMax: 64, graceMs: hourMs });
  context.after(() => compaction.stop());
  compaction.start();
  await rest();
  const { blobs, openKey, keyRing } = batches;

  async function assertRebuilt(): Promise<void> {
    const catalogue = createMemoryCatalogue();
    await catalogue.addTenant({ id: acme, name: "Acme", createdAt: 1 as Instant });
    const proving = { blobs, catalogue, openKey, partKey: keyRing.partKey };
    const prove = (tenant: TenantId, pack: PackId) => provePack(proving, tenant, pack);
    const adopted = await adoptPacks({ ...proving, log: () => undefined, prove }, acme, () => undefined);
    assert.deepEqual([adopted.unreadable, adopted.receipts], [[], 10]);
    for (const [at, one] of [catalogue, batches.catalogue].entries()) {
      const found = {
        rows: await one.messagesAfter(acme, null, 100),
        packs: await one.packs(acme),
        changes: await one.changes(acme, 0, 100),
        tallies: await one.tallies(acme),
      };
      if (at === 0) rebuilt = found;
      else assert.deepEqual(rebuilt, found);
    }
    await assertAllComeBack({ ...batches, catalogue }, mails);
  }
  let rebuilt: unknown;
  await assertRebuilt();
  // As the sweep removes them: the last of a merge first.
  for (const { pack } of await batches.catalogue.superseded(acme)) {
    await blobs.delete(packBlobName({ tenant: acme, pack }));
    await assertRebuilt();
  }
});

test("merging reads and writes no faster than its bandwidth", async (context) => {
  const { batches } = await tenPacks();
  const bytesPerSecond = 1_000;
  const { compaction, rest } = compacting(batches, { packsMax: 64, bytesPerSecond, burstBytes: 1, graceMs: hourMs });
  context.after(() => compaction.stop());
  const { bytes } = await batches.catalogue.packTotals(acme, null);
  const begunMs = batches.clock.elapsedMs();
  compaction.start();
  await rest();
  const seconds = (batches.clock.elapsedMs() - begunMs) / 1_000;
  // Every byte is read for its digest and for copying at least, and the new pack is written and read back.
  assert.ok(seconds >= (2.5 * bytes) / bytesPerSecond, `${seconds} s for ${bytes} bytes`);
});

test("a damaged pack is not merged, and what is known of its damage stays", async (context) => {
  const { batches, mails } = await tenPacks();
  const [, second] = await batches.catalogue.packs(acme);
  assert.ok(second !== undefined);
  const name = packBlobName({ tenant: acme, pack: second.pack });
  const bytes = await collect(batches.blobs.get(name));
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  await batches.blobs.delete(name);
  await batches.blobs.put(name, async function* () {
    yield bytes;
  });
  const { compaction, rest, log } = compacting(batches, { packsMax: 4 });
  context.after(() => compaction.stop());
  compaction.start();
  await rest();
  assert.ok(log.includes("compaction.packs_left"));
  assert.ok((await batches.catalogue.packs(acme)).some(({ pack }) => pack === second.pack));
  await assertAllComeBack(
    batches,
    mails.filter((_, index) => index !== 1),
  );
});

test("what a merged pack took over is kept for as long as that pack does not prove", async (context) => {
  const { batches } = await tenPacks();
  const { compaction, rest, log } = compacting(batches, { packsMax: 64, graceMs: hourMs });
  context.after(() => compaction.stop());
  compaction.start();
  await rest();
  const [merged] = await batches.catalogue.packs(acme);
  assert.ok(merged !== undefined);
  const name = packBlobName({ tenant: acme, pack: merged.pack });
  const bytes = await collect(batches.blobs.get(name));
  bytes[Math.floor(bytes.length / 3)]! ^= 4;
  await batches.blobs.delete(name);
  await batches.blobs.put(name, async function* () {
    yield bytes;
  });
  await batches.clock.advance(2 * hourMs);
  for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  await rest();
  assert.ok(log.includes("compaction.unproved"));
  assert.equal((await stored(batches)).length, 11);
});

/** Time for many steps of whoever has something to do. */
async function pass(batches: Batches): Promise<void> {
  for (let move = 0; move < 20; move += 1) {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await batches.clock.advance(1_000);
  }
}

test("nothing moves and nothing goes while somebody reads through all packs", async (context) => {
  const { batches } = await tenPacks();
  const { compaction } = compacting(batches, { packsMax: 64 });
  context.after(() => compaction.stop());
  const before = await batches.catalogue.packs(acme);
  const release = await compaction.hold();
  compaction.start();
  await pass(batches);
  assert.deepEqual(await batches.catalogue.packs(acme), before);
  assert.equal(compaction.isAtRest(), false);
  const atHand = compaction.atHand();
  assert.ok(atHand !== null && (await stored(batches)).includes(atHand), "written, proved and waiting");
  release();
  await pass(batches);
  assert.equal((await batches.catalogue.packs(acme)).length, 2);
  assert.deepEqual(await batches.catalogue.superseded(acme), []);
});

test("nothing is written while somebody needs the memory, nor proved, and a stop does not wait for that to end", async (context) => {
  const { batches } = await tenPacks();
  const { compaction } = compacting(batches, { packsMax: 64 });
  context.after(() => compaction.stop());
  const before = await stored(batches);
  const resume = await compaction.pause();
  compaction.start();
  await pass(batches);
  assert.deepEqual(await stored(batches), before);
  assert.equal(compaction.isAtRest(), false);
  resume();
  await pass(batches);
  assert.equal((await batches.catalogue.packs(acme)).length, 2);

  const { batches: others } = await tenPacks();
  const { compaction: stopped } = compacting(others, { packsMax: 64 });
  await stopped.pause();
  stopped.start();
  await pass(others);
  await stopped.stop();
  assert.equal((await stored(others)).length, before.length);
});

test("a merged pack opens with its own key alone, sealed under the newest epoch", async (context) => {
  const { batches, mails } = await tenPacks();
  await batches.keyRing.rotate(acme);
  const { compaction, rest } = compacting(batches, { packsMax: 64 });
  context.after(() => compaction.stop());
  compaction.start();
  await rest();
  const [merged] = await batches.catalogue.packs(acme);
  let epoch = 0;
  await openPack(batches.blobs, { tenant: acme, pack: merged!.pack }, (tenant, pack, wrapped) => {
    epoch = Buffer.from(wrapped).readUInt32BE(1);
    return batches.openKey(tenant, pack, wrapped);
  });
  assert.equal(epoch, 2);
  await assertAllComeBack(batches, mails);
});
