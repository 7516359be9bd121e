import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { BlobStore } from "#blob/index.ts";
import type { Instant, TenantId } from "#core/index.ts";
import { packBlobName } from "#pack/index.ts";
import { createMemoryArchive, type MemoryArchive } from "../../test/sim/memory-archive.ts";
import { seededBytes } from "../../test/support/bytes.ts";
import { createScrub, type Scrub, type ScrubParts } from "./scrub.ts";

const acme = "acme" as TenantId;
const globex = "globex" as TenantId;
const start = Date.UTC(2030, 0, 1) as Instant;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const mailOf = (name: string, bytes: number) =>
  `From: a@test.example\r\nSubject: ${name}\r\n\r\n${name} `.padEnd(bytes, name);

/** Notes when each blob was read to its end. */
function noting(archive: MemoryArchive) {
  const readAt = new Map<string, number[]>();
  const blobs: BlobStore = {
    ...archive.blobs,
    get: async function* (name, range) {
      yield* archive.blobs.get(name, range);
      if (range?.start === 0) readAt.set(name, [...(readAt.get(name) ?? []), archive.clock.now()]);
    },
  };
  return { blobs, readAt };
}

async function scrubOf(
  context: TestContext,
  archive: MemoryArchive,
  changes: Partial<ScrubParts> = {},
): Promise<Scrub & { events: [string, Record<string, unknown>][] }> {
  const events: [string, Record<string, unknown>][] = [];
  const { blobs, catalogue, openKey, clock, disk } = archive;
  const log = (event: string, fields: Record<string, unknown>) => void events.push([event, fields]);
  const more = { isBusy: () => false, changed: () => undefined, file: "/run/scrub.json" };
  const scrub = await createScrub({ blobs, catalogue, openKey, clock, log, disk, ...more, ...changes }, [globex, acme]);
  context.after(() => scrub.stop());
  return { ...scrub, events };
}

/** Lets time pass in steps small enough that whoever woke can work before the next. */
async function pass({ clock }: MemoryArchive, ms: number, stepMs = hourMs): Promise<void> {
  await turn();
  for (let left = ms; left > 0; left -= stepMs) {
    await clock.advance(Math.min(left, stepMs));
    await turn();
  }
}

test("reads every pack of every tenant within any 30 days, also those that come meanwhile", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  const made = new Map<string, number>();
  const add = async (tenant: TenantId, name: string, bytes: number) => {
    const { pack } = await archive.archive(tenant, [mailOf(name, bytes)]);
    made.set(packBlobName({ tenant, pack }), archive.clock.now());
  };
  for (let index = 0; index < 12; index += 1)
    await add(index % 3 === 0 ? globex : acme, `m${index}`, 500 * (index + 1));
  const { blobs, readAt } = noting(archive);
  const scrub = await scrubOf(context, archive, { blobs });
  scrub.start();
  for (let day = 0; day < 75; day += 1) {
    if (day % 5 === 2) await add(day % 2 === 0 ? acme : globex, `day${day}`, 3_000);
    await pass(archive, dayMs);
  }
  const end = archive.clock.now();
  for (const [name, madeAt] of made) {
    const times = [madeAt, ...(readAt.get(name) ?? []), end];
    const longest = Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)));
    assert.ok(longest <= 30 * dayMs, `${name} was not read for ${longest / dayMs} days`);
  }
  assert.ok((scrub.completedAt() ?? 0) > end - 30 * dayMs);
  const reads = [...readAt.values()].reduce((sum, times) => sum + times.length, 0);
  assert.ok(reads < made.size * 8, `${reads} readings of ${made.size} packs: it reads no more often than it must`);
});

test("goes on after a restart where it was, and begins anew when its file cannot be read", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  for (let index = 0; index < 8; index += 1) await archive.archive(acme, [mailOf(`m${index}`, 4_000)]);
  const { blobs, readAt } = noting(archive);
  const first = await scrubOf(context, archive, { blobs });
  first.start();
  await pass(archive, 6 * dayMs);
  await first.stop();
  const before = readAt.size;
  assert.ok(before >= 3 && before <= 5, `${before} of 8 packs in 6 of 14 days`);
  // Time goes by while nothing runs; what is due is then read at once, and only that.
  await archive.clock.advance(4 * dayMs);
  const second = await scrubOf(context, archive, { blobs });
  second.start();
  await pass(archive, 3.9 * dayMs);
  assert.equal(readAt.size, 8);
  assert.deepEqual(new Set([...readAt.values()].map((times) => times.length)), new Set([1]));
  await second.stop();

  await archive.disk.replace(
    "/run/scrub.json",
    (async function* () {
      yield Buffer.from("{");
    })(),
  );
  const third = await scrubOf(context, archive, { blobs });
  third.start();
  await pass(archive, 14 * dayMs);
  assert.ok([...readAt.values()].every((times) => times.length >= 2));
});

test("names the messages of a flipped byte once, remembers them over a restart, and forgets them when the pack is whole", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  await archive.archive(acme, [mailOf("fine", 900)]);
  // Two large mails have frames of their own, so one is outside the damage.
  const { pack, ids } = await archive.archive(acme, [mailOf("hit", 400_000), mailOf("beside", 400_000)]);
  const name = packBlobName({ tenant: acme, pack });
  let whole = Buffer.alloc(0);
  await archive.change(name, (bytes) => {
    whole = Buffer.from(bytes);
    const flipped = Buffer.from(bytes);
    const frame = bytes.indexOf("MFR1");
    flipped[frame + 60] = (bytes[frame + 60] ?? 0) ^ 4;
    return flipped;
  });
  const first = await scrubOf(context, archive);
  first.start();
  await pass(archive, 15 * dayMs);
  const known = first.damage(acme).map(({ id, pack, place }) => ({ id, pack, place }));
  assert.deepEqual(known, [{ id: ids[0], pack, place: "frame" }]);
  assert.deepEqual(first.damage(globex), []);
  await pass(archive, 15 * dayMs);
  assert.equal(first.events.filter(([event]) => event === "scrub.pack_damaged").length, 1);
  await first.stop();

  const second = await scrubOf(context, archive);
  assert.deepEqual(
    second.damage(acme).map(({ id }) => id),
    [ids[0]],
  );
  await archive.change(name, () => whole);
  second.start();
  await pass(archive, 15 * dayMs);
  assert.deepEqual(second.damage(acme), []);
  assert.deepEqual(second.events.filter(([event]) => event === "scrub.pack_whole_again").length, 1);
});

test("a pack that is gone is named with every message it held", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  const { pack, ids } = await archive.archive(acme, [mailOf("a", 300), mailOf("b", 300)]);
  await archive.blobs.delete(packBlobName({ tenant: acme, pack }));
  const scrub = await scrubOf(context, archive);
  scrub.start();
  await pass(archive, dayMs);
  const known = scrub.damage(acme);
  assert.deepEqual(known.map(({ id }) => id).sort(), [...ids].sort());
  assert.deepEqual([...new Set(known.map(({ place }) => place))], ["missing"]);
});

test("damage to a part is named by every message that is made of it, and the packs of the others are whole", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  const file = seededBytes(3, 10_000).toString("base64").replace(/.{76}/g, "$&\r\n");
  const attached = (name: string) =>
    `Subject: ${name}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${file}\r\n`;
  const first = await archive.archive(acme, [attached("first")]);
  const second = await archive.archive(acme, [attached("second")]);
  assert.equal((await archive.catalogue.partsInPack(acme, first.pack)).length, 1);
  assert.equal((await archive.catalogue.partsInPack(acme, second.pack)).length, 0);
  await archive.blobs.delete(packBlobName({ tenant: acme, pack: first.pack }));
  const scrub = await scrubOf(context, archive);
  scrub.start();
  await pass(archive, 15 * dayMs);
  const known = scrub.damage(acme);
  assert.deepEqual(known.map(({ id }) => id).sort(), [...first.ids, ...second.ids].sort());
  assert.deepEqual([...new Set(known.map(({ pack }) => pack))], [first.pack]);
});

test("gives way while mail waits, and for half a day at most", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  await archive.archive(acme, [mailOf("a", 300)]);
  const { blobs, readAt } = noting(archive);
  const scrub = await scrubOf(context, archive, { blobs, isBusy: () => true });
  scrub.start();
  await pass(archive, 11.9 * hourMs, 60_000);
  assert.equal(readAt.size, 0);
  await pass(archive, 0.3 * hourMs, 60_000);
  assert.equal(readAt.size, 1);
});

test("rests nineteen times as long as it read", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  for (const name of ["a", "b"]) await archive.archive(acme, [mailOf(name, 300)]);
  const { readAt, blobs: noted } = noting(archive);
  const slow: BlobStore = {
    ...noted,
    get: async function* (name, range) {
      if (range?.start === 0) await archive.clock.sleep(10_000);
      yield* noted.get(name, range);
    },
  };
  const scrub = await scrubOf(context, archive, { blobs: slow });
  // Both are long overdue, so that nothing but the share holds the second back.
  archive.clock.jump((start + 13 * dayMs) as Instant);
  scrub.start();
  await pass(archive, 199_000, 1_000);
  assert.equal(readAt.size, 1);
  await pass(archive, 20_000, 1_000);
  assert.equal(readAt.size, 2);
});

test("a clock that was set back puts nothing off", async (context) => {
  const archive = await createMemoryArchive([acme, globex], start);
  for (let index = 0; index < 4; index += 1) await archive.archive(acme, [mailOf(`m${index}`, 2_000)]);
  const { blobs, readAt } = noting(archive);
  const scrub = await scrubOf(context, archive, { blobs });
  scrub.start();
  await pass(archive, dayMs);
  archive.clock.jump((start - 400 * dayMs) as Instant);
  await pass(archive, 15 * dayMs);
  assert.equal(readAt.size, 4);
});
