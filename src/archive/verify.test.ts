import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type Instant, type PackId, type TenantId } from "#core/index.ts";
import { packBlobName } from "#pack/index.ts";
import { createMemoryArchive, type MemoryArchive } from "../../test/sim/memory-archive.ts";
import { seededBytes } from "../../test/support/bytes.ts";
import { createRetrieval } from "./retrieve.ts";
import type { VerifyScope } from "./use-cases.ts";
import { verifyArchive } from "./verify.ts";

const acme = "acme" as TenantId;
const start = Date.UTC(2030, 0, 1) as Instant;
const dayMs = 86_400_000;

function verified(
  archive: MemoryArchive,
  scope: Partial<VerifyScope> = {},
  settled = async (): Promise<PackId | null> => null,
) {
  const parts = { ...archive, retrieval: createRetrieval(archive), settled, examined: () => undefined };
  return verifyArchive(parts, acme, { sample: null, since: null, ...scope }, () => undefined);
}

/** Twenty packs of much the same size, one a day. */
async function twentyDays() {
  const archive = await createMemoryArchive([acme], start);
  const packs = [];
  for (let day = 0; day < 20; day += 1) {
    packs.push(await archive.archive(acme, [`Subject: day ${day}\r\n\r\n${`${day} `.repeat(500)}\r\n`]));
    await archive.clock.advance(dayMs);
  }
  return { archive, packs };
}

test("a sample reads its share of the bytes and no pack more, another one each time, and says how much there was", async () => {
  const { archive } = await twentyDays();
  const drawn = new Set<string>();
  const { retrieval, ...rest } = { ...archive, retrieval: createRetrieval(archive) };
  for (let round = 0; round < 12; round += 1) {
    const packs: string[] = [];
    const examined = (_: TenantId, pack: string) => void packs.push(pack);
    const parts = { ...rest, retrieval, settled: async () => null, examined };
    const result = await verifyArchive(parts, acme, { sample: 0.1, since: null }, () => undefined);
    assert.ok(result.bytes >= 0.1 * result.of.bytes && result.bytes < 0.2 * result.of.bytes);
    assert.deepEqual(
      [result.ok, result.packs, result.checked, result.of.packs],
      [true, packs.length, packs.length, 20],
    );
    for (const pack of packs) drawn.add(pack);
  }
  assert.ok(drawn.size > 6, `twelve samples of two packs met ${drawn.size} packs`);
});

test("--since reads packs made at that time or later, alone and with a sample", async () => {
  const { archive } = await twentyDays();
  const since = (start + 15 * dayMs) as Instant;
  assert.equal((await verified(archive, { since })).packs, 5);
  assert.equal((await verified(archive, { since: (since + 1) as Instant })).packs, 4);
  assert.equal((await verified(archive, { since, sample: 0.5 })).packs, 3);
  assert.equal((await verified(archive, { since: (start + 99 * dayMs) as Instant })).packs, 0);
  assert.equal((await verified(archive, { sample: 1 })).packs, 20);
  assert.equal((await verified(archive)).packs, 20);
});

test("a pack that is gone or cut is named with its messages, also when it was not drawn", async () => {
  const { archive, packs } = await twentyDays();
  const [gone, cut] = packs;
  assert.ok(gone !== undefined && cut !== undefined);
  await archive.blobs.delete(packBlobName({ tenant: acme, pack: gone.pack }));
  await archive.change(packBlobName({ tenant: acme, pack: cut.pack }), (bytes) => bytes.subarray(0, bytes.length - 1));
  const result = await verified(archive, { since: (start + 10 * dayMs) as Instant });
  assert.equal(result.ok, false);
  assert.deepEqual(
    result.damaged.map(({ id, pack, place }) => [id, pack, place]),
    [
      [gone.ids[0], gone.pack, "missing"],
      [cut.ids[0], cut.pack, "length"],
    ],
  );
});

test("a catalogue that is busy for a moment makes no damage of what it was asked for", async () => {
  const archive = await createMemoryArchive([acme], start);
  const file = seededBytes(3, 10_000).toString("base64").replace(/.{76}/g, "$&\r\n");
  await archive.archive(acme, [`Subject: a\r\nContent-Transfer-Encoding: base64\r\n\r\n${file}\r\n`]);
  const { catalogue } = archive;
  const parts = async () => {
    throw new Failure("CATALOGUE-BUSY", "later", "another process holds the file");
  };
  await assert.rejects(verified({ ...archive, catalogue: { ...catalogue, parts } }), { code: "CATALOGUE-BUSY" });
  assert.equal((await verified(archive)).ok, true);
});

test("packs that the catalogue does not know are told, and are no damage", async () => {
  const archive = await createMemoryArchive([acme], start);
  const { pack } = await archive.archive(acme, ["Subject: a\r\n\r\na\r\n"]);
  const unknown = await archive.store(acme, ["Subject: b\r\n\r\nb\r\n"]);
  const result = await verified(archive);
  assert.deepEqual([result.ok, result.packs, result.unknown.map((one) => one.pack)], [true, 1, [unknown]]);
  assert.notEqual(unknown, pack);
});

test("a pack whose batch failed and is tried again is not called unknown", async () => {
  const archive = await createMemoryArchive([acme], start);
  const [left, retried] = [await archive.store(acme, ["Subject: a\r\n\r\na"]), await archive.store(acme, ["b"])];
  const { unknown } = await verified(archive, {}, async () => retried);
  assert.deepEqual(
    unknown.map(({ pack }) => pack),
    [left],
  );
});

test("a pack that is entered while the batch at hand ends is not called unknown", async () => {
  const archive = await createMemoryArchive([acme], start);
  const left = await archive.store(acme, ["Subject: left\r\n\r\nleft\r\n"]);
  const result = await verified(archive, {}, async () => {
    await archive.archive(acme, ["Subject: new\r\n\r\nnew\r\n"]);
    return null;
  });
  assert.deepEqual(
    result.unknown.map(({ pack }) => pack),
    [left],
  );
  assert.deepEqual([result.ok, result.packs], [true, 1]);
});
