import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryCatalogue } from "#catalogue/memory.ts";
import { type Instant, messageIdOf, type PackId, type Sha256, type TenantId } from "#core/index.ts";
import { listFrames, openPack, packBlobName } from "#pack/index.ts";
import { acme, type Batches, openBatches } from "../../test/support/batches.ts";
import { collect, sha256 } from "../../test/support/bytes.ts";
import { noMerging } from "../../test/support/merging.ts";
import { adoptPacks } from "./adopt.ts";
import { mergePacks } from "./merge-packs.ts";
import { provePack } from "./prove-pack.ts";
import { createRetrieval } from "./retrieve.ts";

const mail = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`);
const idOf = (bytes: Buffer) => messageIdOf(sha256(bytes) as Sha256);

async function emptyCatalogue() {
  const catalogue = createMemoryCatalogue();
  await catalogue.addTenant({ id: acme, name: "Acme", createdAt: 1 as Instant });
  return catalogue;
}

/** A catalogue from the packs that are there. */
async function rebuilt({ blobs, openKey }: Batches, prove: (tenant: TenantId, pack: PackId) => Promise<unknown>) {
  const catalogue = await emptyCatalogue();
  const adopted = await adoptPacks({ blobs, catalogue, openKey, log: () => undefined, prove }, acme, () => undefined);
  return { catalogue, adopted };
}

/** Three packs, of which the later two tell of another capture of the first one's message. */
async function threePacks() {
  const batches = await openBatches();
  const [one, two, three] = [mail("one"), mail("two"), mail("three")];
  await batches.archive([one]);
  await batches.archive([two, one]);
  await batches.archive([one, three, two]);
  const packs = (await batches.catalogue.packs(acme)).map(({ pack }) => pack);
  return { batches, mails: [one, two, three], packs };
}

test("a rebuild past a lost pack lists its messages as lost, with their captures, and brings back all the rest", async () => {
  const { batches, mails, packs } = await threePacks();
  const [one, two, three] = mails.map(idOf);
  await batches.blobs.delete(packBlobName({ tenant: acme, pack: packs[0]! }));
  const { catalogue, adopted } = await rebuilt(batches, noMerging.prove);
  assert.deepEqual(adopted.unreadable, []);
  assert.deepEqual(
    adopted.lost.map(({ message, pack, receipts }) => [message, pack, receipts]),
    [
      [one, packs[1], ["rcp_3"]],
      [one, packs[2], ["rcp_4"]],
    ],
  );
  assert.equal(adopted.receipts, 3);
  const rows = await catalogue.messagesAfter(acme, null, 10);
  assert.deepEqual(
    rows.map(({ id, receipts }) => [id, receipts.length]).sort(),
    [
      [two, 2],
      [three, 1],
    ].sort(),
  );
  const retrieval = createRetrieval({ ...batches, catalogue });
  for (const row of rows) assert.equal(sha256(await collect(retrieval.message(acme, row))), row.sha256);
});

test("a merged pack gives back what it holds, whatever of the packs before it is lost", async () => {
  const { batches, mails, packs } = await threePacks();
  const { keyRing, clock } = batches;
  const parts = { ...batches, partKey: keyRing.partKey, createPackKey: keyRing.createPackKey, clock };
  const sources = (await batches.catalogue.packs(acme)).slice(1);
  await mergePacks(parts, { tenant: acme, pack: `${packs[2]!.slice(0, -1)}z` as PackId, sources });
  for (const pack of packs) await batches.blobs.delete(packBlobName({ tenant: acme, pack }));
  const { catalogue, adopted } = await rebuilt(batches, (tenant, pack) => provePack(parts, tenant, pack));
  assert.deepEqual(
    adopted.lost.map(({ message, receipts }) => [message, receipts]),
    [[idOf(mails[0]!), ["rcp_3", "rcp_4"]]],
  );
  assert.equal((await catalogue.messagesAfter(acme, null, 10)).length, 2);
});

for (const [type, what] of [
  ["content", "does not prove"],
  ["directory", "has a damaged directory"],
] as const)
  test(`a merged pack that ${what} takes nobody's place while the packs are there that it was made of`, async () => {
    const { batches, packs } = await threePacks();
    const { keyRing, clock } = batches;
    const parts = { ...batches, partKey: keyRing.partKey, createPackKey: keyRing.createPackKey, clock };
    const merged = `${packs[1]!.slice(0, -1)}z` as PackId;
    const sources = (await batches.catalogue.packs(acme)).slice(0, 2);
    await mergePacks(parts, { tenant: acme, pack: merged, sources });
    const name = packBlobName({ tenant: acme, pack: merged });
    const bytes = await collect(batches.blobs.get(name));
    const open = await openPack(batches.blobs, { tenant: acme, pack: merged }, batches.openKey);
    const frame = (await listFrames(batches.blobs, open)).find((one) => one.type === type);
    bytes[frame!.offset + 40]! ^= 1;
    await batches.blobs.delete(name);
    await batches.blobs.put(name, async function* () {
      yield bytes;
    });
    const { catalogue, adopted } = await rebuilt(batches, (tenant, pack) => provePack(parts, tenant, pack));
    assert.deepEqual(
      adopted.unreadable.map(({ pack }) => pack),
      type === "content" ? [merged] : [],
    );
    const live = (await catalogue.packs(acme)).map(({ pack }) => pack);
    assert.deepEqual(
      live.filter((pack) => pack !== merged),
      packs,
    );
    assert.deepEqual(await catalogue.superseded(acme), []);
    const rows = await catalogue.messagesAfter(acme, null, 10);
    assert.deepEqual(rows, await batches.catalogue.messagesAfter(acme, null, 10));
  });
