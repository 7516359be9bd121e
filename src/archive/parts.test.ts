import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BlobName, BlobStore } from "#blob/index.ts";
import type { MessageRow } from "#catalogue/index.ts";
import { createMemoryCatalogue } from "#catalogue/memory.ts";
import { isFailure, messageIdOf, type Sha256, type TenantId } from "#core/index.ts";
import { decodeStoredAt, type PartPiece, packBlobName } from "#pack/index.ts";
import { createSimEntropy } from "../../test/sim/sim-entropy.ts";
import { acme, type Batches, openBatches } from "../../test/support/batches.ts";
import { collect, seededBytes, sha256, stream } from "../../test/support/bytes.ts";
import { noMerging } from "../../test/support/merging.ts";
import { adoptPacks } from "./adopt.ts";
import { createRetrieval } from "./retrieve.ts";
import { partBytesMin } from "./split.ts";
import type { VerifyScope } from "./use-cases.ts";
import { verifyArchive } from "./verify.ts";

function base64(bytes: Uint8Array, width = 76, end = "\r\n"): string {
  const text = Buffer.from(bytes).toString("base64");
  return (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join(end);
}

/** A mail with one attachment, whose encoded body is given. */
function mail(subject: string, body: string, end = "\r\n"): Buffer {
  const lines = [
    "From: a@corp.example",
    `Subject: ${subject}`,
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "",
    "See the attached file.",
    "--b",
    "Content-Type: application/octet-stream",
    "Content-Transfer-Encoding: base64",
    "Content-Disposition: attachment; filename=a.bin",
    "",
  ];
  return Buffer.from(`${lines.join(end)}${end}${body}${end}--b--${end}`, "latin1");
}

async function rowOf(batches: Batches, bytes: Uint8Array, tenant = acme): Promise<MessageRow> {
  const [row] = await batches.catalogue.messages(tenant, [messageIdOf(sha256(bytes) as Sha256)]);
  assert.ok(row !== undefined);
  return row;
}

/** What a verification of everything finds, with nothing in its memory that was read before. */
function verified({ blobs, catalogue, openKey }: Batches, scope: Partial<VerifyScope> = {}) {
  const retrieval = createRetrieval({ blobs, catalogue, openKey });
  const rest = { entropy: createSimEntropy(1), settled: async () => null, examined: () => undefined };
  const parts = { blobs, catalogue, openKey, retrieval, ...rest };
  return verifyArchive(parts, acme, { sample: null, since: null, ...scope }, () => undefined);
}

function partsIn(storedAt: string): PartPiece[] {
  return decodeStoredAt(storedAt).filter((piece) => piece.kind === "part");
}

async function assertGivesBack(batches: Batches, bytes: Uint8Array): Promise<MessageRow> {
  const row = await rowOf(batches, bytes);
  assert.ok((await collect(batches.retrieval.message(acme, row))).equals(bytes));
  return row;
}

async function packNames(blobs: BlobStore): Promise<BlobName[]> {
  const names: BlobName[] = [];
  for await (const name of blobs.list("packs/")) names.push(name);
  return names;
}

async function change(blobs: BlobStore, name: BlobName, edit: (bytes: Buffer) => void): Promise<void> {
  const bytes = await collect(blobs.get(name));
  edit(bytes);
  await blobs.delete(name);
  await blobs.put(name, () => stream(bytes));
}

test("an attachment of many mails is stored once, within a batch and across batches, however its lines are broken", async () => {
  const batches = await openBatches();
  const file = seededBytes(1, 60_000);
  const first = [mail("one", base64(file)), mail("two", base64(file, 60))];
  const later = [mail("three", base64(file, 75, "\n"), "\n"), mail("four", `${base64(file)}\r\n\r\n`)];
  await batches.archive(first);
  await batches.archive(later);
  const names = new Set<string>();
  for (const bytes of [...first, ...later])
    for (const { name } of partsIn((await assertGivesBack(batches, bytes)).storedAt)) names.add(name);
  assert.equal(names.size, 1);
  const packs = await batches.catalogue.packs(acme);
  assert.ok(packs.reduce((sum, { bytes }) => sum + bytes, 0) < 60_000 * 1.3);
  assert.deepEqual((await batches.catalogue.partsInPack(acme, packs[1]!.pack)).length, 0);
});

test("two tenants with the same attachment share neither its bytes nor its name", async () => {
  const other = "other" as TenantId;
  const batches = await openBatches({ tenants: [acme, other] });
  const bytes = mail("one", base64(seededBytes(2, 10_000)));
  await batches.archive([bytes], "standard", acme);
  await batches.archive([bytes], "standard", other);
  const [name] = partsIn((await rowOf(batches, bytes, acme)).storedAt).map((piece) => piece.name);
  const [elsewhere] = partsIn((await rowOf(batches, bytes, other)).storedAt).map((piece) => piece.name);
  assert.ok(name !== undefined && elsewhere !== undefined && name !== elsewhere);
  const row = await rowOf(batches, bytes, other);
  assert.ok((await collect(batches.retrieval.message(other, row))).equals(bytes));
});

test("a body of the least length that pays is a part, one byte less is not", async () => {
  const batches = await openBatches();
  const large = mail("large", base64(seededBytes(3, partBytesMin)));
  const small = mail("small", base64(seededBytes(3, partBytesMin - 1)));
  await batches.archive([large, small]);
  assert.equal(partsIn((await assertGivesBack(batches, large)).storedAt).length, 1);
  assert.equal(partsIn((await assertGivesBack(batches, small)).storedAt).length, 0);
});

test("a journal report forked for three recipients keeps one message, one attachment and three reports", async () => {
  const batches = await openBatches();
  const inner = mail("journaled", base64(seededBytes(4, 20_000)));
  const report = (address: string): Buffer =>
    Buffer.from(
      `From: <journal@corp.example>\r\nX-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary="j"\r\n\r\n--j\r\n` +
        `Content-Type: text/plain\r\n\r\nSender: a@corp.example\r\nSubject: journaled\r\nMessage-Id: <1@corp.example>\r\n` +
        `To: ${address}\r\n\r\n--j\r\nContent-Type: message/rfc822\r\n\r\n${inner.toString("latin1")}\r\n--j--\r\n`,
      "latin1",
    );
  const reports = ["b", "c", "d"].map((name) => report(`${name}@corp.example`));
  await batches.archive(reports, "eej");
  const row = await assertGivesBack(batches, inner);
  assert.equal(partsIn(row.storedAt).length, 1);
  const back = await Promise.all(
    row.receipts.map(async ({ report }) => sha256(await collect(batches.retrieval.report(acme, report!)))),
  );
  assert.deepEqual(back, reports.map(sha256));
  const [pack] = await batches.catalogue.packs(acme);
  assert.ok((pack?.bytes ?? 0) < 20_000 * 1.5);
});

test("a report whose message is encoded comes back too, its message's bytes a part of it", async () => {
  const batches = await openBatches();
  const inner = mail("encoded within", base64(seededBytes(5, 9_000)));
  const report = Buffer.from(
    `From: <journal@corp.example>\r\nX-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary="j"\r\n\r\n--j\r\n` +
      `Content-Type: text/plain\r\n\r\nSender: a@corp.example\r\nSubject: x\r\nMessage-Id: <1@corp.example>\r\n` +
      `To: b@corp.example\r\n\r\n--j\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
      `${base64(inner)}\r\n--j--\r\n`,
    "latin1",
  );
  await batches.archive([report], "eej");
  const row = await assertGivesBack(batches, inner);
  const [receipt] = row.receipts;
  assert.ok(receipt?.report !== null && receipt?.report !== undefined);
  assert.equal(partsIn(receipt.report.storedAt).length, 1);
  assert.ok((await collect(batches.retrieval.report(acme, receipt.report))).equals(report));
});

test("whatever base64 a mail holds, regular or not, it comes back byte for byte", async () => {
  const batches = await openBatches();
  const bodies = fc.record({
    seed: fc.integer({ min: 1, max: 1000 }),
    bytes: fc.integer({ min: 3_000, max: 20_000 }),
    width: fc.integer({ min: 1, max: 200 }),
    end: fc.constantFrom("\r\n", "\n"),
    tail: fc.constantFrom("", "\r\n", "\n\n", "=", "=\r\n=", "-- \r\nfooter", "QUJD", " "),
    edits: fc.array(fc.record({ at: fc.nat(25_000), what: fc.constantFrom("", " ", "\n", "=", "-", "\xe9", "AA") }), {
      maxLength: 2,
    }),
  });
  await fc.assert(
    fc.asyncProperty(bodies, async ({ seed, bytes, width, end, tail, edits }) => {
      let body = base64(seededBytes(seed, bytes), width, end) + tail;
      for (const { at, what } of edits) body = body.slice(0, at) + what + body.slice(at);
      const whole = mail(`${seed}`, body, end);
      const { doubted } = await batches.archive([whole]);
      assert.deepEqual(doubted, []);
      await assertGivesBack(batches, whole);
    }),
    { numRuns: 60 },
  );
});

test("a mail whose attachment lies damaged in another pack is stored whole, and no pack is left over", async () => {
  const batches = await openBatches();
  const file = seededBytes(6, 30_000);
  const old = mail("old", base64(file));
  await batches.archive([old]);
  const [name] = await packNames(batches.blobs);
  const [{ name: part } = { name: "" }] = partsIn((await rowOf(batches, old)).storedAt);
  const [entry] = await batches.catalogue.parts(acme, [part as never]);
  const [frame] = decodeStoredAt(entry?.storedAt ?? "");
  assert.ok(frame?.kind === "frame");
  await change(batches.blobs, name!, (bytes) => bytes.writeUInt8(bytes[frame.offset + 100]! ^ 1, frame.offset + 100));

  const fresh = mail("fresh", base64(file));
  const bystander = mail("bystander", base64(seededBytes(7, 9_000)));
  const { doubted } = await batches.archive([fresh, bystander]);
  assert.deepEqual(doubted, [sha256(fresh)]);
  assert.equal(partsIn((await assertGivesBack(batches, fresh)).storedAt).length, 0);
  assert.equal(partsIn((await assertGivesBack(batches, bystander)).storedAt).length, 1);
  assert.equal((await packNames(batches.blobs)).length, 2);
});

test("damage in a part's frame is named by every message made of it, also in other packs, and by no other", async () => {
  const batches = await openBatches();
  const file = seededBytes(8, 300_000);
  const [one, two, bystander] = [
    mail("one", base64(file)),
    mail("two", base64(file, 60)),
    mail("bystander", base64(seededBytes(9, 300_000))),
  ] as const;
  await batches.archive([one, bystander]);
  await batches.archive([two]);
  const [name] = await packNames(batches.blobs);
  const row = await rowOf(batches, one);
  const [{ name: part } = { name: "" }] = partsIn(row.storedAt);
  const [entry] = await batches.catalogue.parts(acme, [part as never]);
  const frames = decodeStoredAt(entry?.storedAt ?? "");
  const frame = frames.at(-1);
  assert.ok(frame?.kind === "frame");
  await change(batches.blobs, name!, (bytes) => bytes.writeUInt8(bytes[frame.offset + 100]! ^ 1, frame.offset + 100));

  const { blobs, catalogue, openKey } = batches;
  const retrieval = createRetrieval({ blobs, catalogue, openKey });
  const result = await verified(batches);
  const hit = [one, two].map((bytes) => messageIdOf(sha256(bytes) as Sha256)).sort();
  const inFrame = result.damaged.filter(({ place, pack }) => place === "frame" && pack === row.pack);
  assert.deepEqual(inFrame.map(({ id }) => id).sort(), hit);
  assert.deepEqual([...new Set(result.damaged.map(({ id }) => id))].sort(), hit);
  await assert.rejects(collect(retrieval.message(acme, await rowOf(batches, two))), (error) =>
    isFailure(error, "PACK-DAMAGED"),
  );
  assert.ok((await collect(retrieval.message(acme, await rowOf(batches, bystander)))).equals(bystander));
});

test("a missing pack is named by the messages in it and by those elsewhere that are made of its parts", async () => {
  const batches = await openBatches();
  const file = seededBytes(10, 10_000);
  const [one, two] = [mail("one", base64(file)), mail("two", base64(file))];
  await batches.archive([one]);
  await batches.archive([two]);
  const [name] = await packNames(batches.blobs);
  await batches.blobs.delete(name!);
  const { damaged } = await verified(batches);
  const hit = [one, two].map((bytes) => messageIdOf(sha256(bytes) as Sha256)).sort();
  assert.deepEqual(
    damaged
      .filter(({ place }) => place === "missing")
      .map(({ id }) => id)
      .sort(),
    hit,
  );
});

test("a pack that is gone and was not to be read is named once by each message that its parts are in", async () => {
  const batches = await openBatches();
  const file = seededBytes(10, 10_000);
  const [one, two] = [mail("one", base64(file)), mail("two", base64(file))];
  await batches.archive([one]);
  await batches.archive([two]);
  const [gone, later] = await batches.catalogue.packs(acme);
  assert.ok(gone !== undefined && later !== undefined);
  await batches.blobs.delete(packBlobName({ tenant: acme, pack: gone.pack }));
  const { packs, damaged } = await verified(batches, { since: later.createdAt });
  const hit = [one, two].map((bytes) => messageIdOf(sha256(bytes) as Sha256)).sort();
  assert.equal(packs, 1);
  assert.deepEqual(damaged.map(({ id, pack, place }) => [id, pack, place]).sort(), [
    [hit[0], gone.pack, "missing"],
    [hit[1], gone.pack, "missing"],
  ]);
});

test("parts come back into a lost catalogue from the packs alone", async () => {
  const batches = await openBatches();
  const file = seededBytes(11, 50_000);
  const mails = [mail("one", base64(file)), mail("two", base64(file)), mail("three", base64(seededBytes(12, 5_000)))];
  for (const bytes of mails) await batches.archive([bytes]);
  const { blobs, openKey } = batches;
  const catalogue = createMemoryCatalogue();
  await catalogue.addTenant({ id: acme, name: "Acme", createdAt: 1 as never });
  await adoptPacks({ blobs, catalogue, openKey, log: () => undefined, prove: noMerging.prove }, acme, () => undefined);
  for (const { pack } of await batches.catalogue.packs(acme))
    assert.deepEqual(await catalogue.partsInPack(acme, pack), await batches.catalogue.partsInPack(acme, pack));
  const retrieval = createRetrieval({ blobs, catalogue, openKey });
  for (const bytes of mails) {
    const [row] = await catalogue.messages(acme, [messageIdOf(sha256(bytes) as Sha256)]);
    assert.ok((await collect(retrieval.message(acme, row!))).equals(bytes));
  }
});
