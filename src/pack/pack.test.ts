import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import type { BlobName, BlobStore } from "#blob/index.ts";
import { type Instant, isFailure, type PackId, type Sha256, type TenantId } from "#core/index.ts";
import { collect, seededBytes, stream } from "../../test/support/bytes.ts";
import { createMemoryBlobStore } from "../blob/memory.ts";
import {
  checkPack,
  createFrameReader,
  type Elsewhere,
  encodeStoredAt,
  isPackAsWritten,
  openPack,
  packBlobName,
  packBody,
  readDirectory,
  readStored,
} from "./index.ts";
import type { PackObject, WrittenPack } from "./write.ts";

const tenant = "acme" as TenantId;
const pack = "pck_00000000000000000000000001" as PackId;
const key = seededBytes(1, 32);
const openKey = async () => key;

const small = [Buffer.from("first message"), Buffer.from("second message"), seededBytes(2, 5000)];
const large = seededBytes(3, 3 * 1024 * 1024 + 17);
const objects: PackObject[] = [
  ...small.map((bytes) => ({ kind: "whole" as const, pieces: [bytes] })),
  { kind: "whole", pieces: [large] },
  {
    kind: "whole",
    pieces: [Buffer.from("before "), { kind: "named", name: "msg_x", bytes: 5 }, Buffer.from(" after")],
  },
  { kind: "whole", pieces: [] },
];
const lines = ['{"kind":"batch"}', '{"kind":"message","id":"msg_x"}'];

async function written(store: BlobStore): Promise<WrittenPack> {
  let result: WrittenPack | undefined;
  const content = { tenant, pack, key, wrappedKey: seededBytes(4, 60), createdAt: 7 as Instant, objects };
  await store.put(packBlobName(content), () =>
    packBody({ ...content, directory: () => lines }, (pack) => {
      result = pack;
    }),
  );
  assert.ok(result !== undefined);
  return result;
}

const named: Elsewhere = { named: () => stream("inner"), part: () => assert.fail("no part was stored") };

async function readAll(store: BlobStore, places: WrittenPack["storedAt"]): Promise<Buffer[]> {
  const open = await openPack(store, { tenant, pack }, openKey);
  return Promise.all(
    places.map((place) => collect(readStored(createFrameReader(store, 0), open, encodeStoredAt(place), named))),
  );
}

/** The same pack with one change to its bytes. */
async function damagedCopy(
  change: (bytes: Buffer) => Buffer,
): Promise<{ store: BlobStore; places: WrittenPack["storedAt"] }> {
  const whole = createMemoryBlobStore();
  const { storedAt } = await written(whole);
  const bytes = change(await collect(whole.get(packBlobName({ tenant, pack }))));
  const store = createMemoryBlobStore();
  await store.put(packBlobName({ tenant, pack }), () => stream(bytes));
  return { store, places: storedAt };
}

test("gives back every object byte for byte, and the directory line by line", async () => {
  const store = createMemoryBlobStore();
  const { storedAt, bytes, sha256 } = await written(store);
  assert.deepEqual(await readAll(store, storedAt), [
    ...small,
    large,
    Buffer.from("before inner after"),
    Buffer.alloc(0),
  ]);
  const open = await openPack(store, { tenant, pack }, openKey);
  const found: string[] = [];
  for await (const line of readDirectory(store, open, () => assert.fail())) found.push(line);
  assert.deepEqual(found, lines);
  assert.deepEqual(await checkPack(store, open, sha256), []);
  const blob = await collect(store.get(packBlobName({ tenant, pack })));
  assert.equal(blob.length, bytes);
  assert.equal(createHash("sha256").update(blob).digest("hex"), sha256);
});

test("writing again gives the same bytes, so that a store may ask for them twice", async () => {
  const store = createMemoryBlobStore();
  assert.deepEqual(await written(store), await written(store));
});

/** A reader made from docs/formats/pack.md alone. */
function secondReader(blob: Buffer): { content: Buffer[]; directory: string } {
  const headerLength = 12 + blob.readUInt32BE(8) + 32;
  const header = JSON.parse(blob.subarray(12, headerLength - 32).toString());
  const trailer = blob.subarray(blob.length - 96);
  const tableOffset = Number(trailer.readBigUInt64BE(8));
  const content: Buffer[] = [];
  let directory = "";
  for (let at = headerLength; at < tableOffset; ) {
    const head = blob.subarray(at, at + 32);
    const sealed = head.readUInt32BE(16);
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(BigInt(head.readUInt32BE(8)), 4);
    const open = createDecipheriv("aes-256-gcm", key, nonce);
    open.setAAD(Buffer.concat([Buffer.from(`muniment.pack.1\0${header.tenant}\0${header.pack}\0`), head]));
    open.setAuthTag(blob.subarray(at + 32 + sealed, at + 48 + sealed));
    const body = Buffer.concat([open.update(blob.subarray(at + 32, at + 32 + sealed)), open.final()]);
    const plain = head[5] === 1 ? zstdDecompressSync(body) : body;
    if (head[4] === 1) content.push(plain);
    else directory += plain.toString();
    at += 48 + sealed;
  }
  return { content, directory };
}

test("a second reader, written from the format document, reads the same", async () => {
  const store = createMemoryBlobStore();
  await written(store);
  const read = secondReader(await collect(store.get(packBlobName({ tenant, pack }))));
  assert.equal(read.directory, `${lines.join("\n")}\n`);
  const all = Buffer.concat(read.content);
  for (const bytes of [...small, large.subarray(0, 1024 * 1024)]) assert.ok(all.includes(bytes));
});

test("a flipped byte anywhere is found, and nothing wrong is ever given back", async () => {
  const whole = createMemoryBlobStore();
  const { bytes, sha256 } = await written(whole);
  const expected = [...small, large, Buffer.from("before inner after"), Buffer.alloc(0)];
  const step = 2003;
  const ends = [0, 5, 12, 40, 200, 300, 330];
  const places = new Set([...ends, ...ends.map((at) => bytes - 1 - at)]);
  for (let at = 350; at < bytes - 350; at += Math.floor((bytes - 700) / 40) + step) places.add(at);
  for (const at of places) {
    const { store, places: storedAt } = await damagedCopy((blob) => {
      blob[at] = (blob[at] ?? 0) ^ 0x10;
      return blob;
    });
    const open = await openPack(store, { tenant, pack }, openKey);
    const damage = await checkPack(store, open, sha256);
    assert.notDeepEqual(damage, [], `byte ${at} of ${bytes}`);
    let wrong = 0;
    for (const [index, place] of storedAt.entries()) {
      try {
        assert.deepEqual(
          await collect(readStored(createFrameReader(store, 0), open, encodeStoredAt(place), named)),
          expected[index],
        );
      } catch (error) {
        assert.ok(isFailure(error, "PACK-DAMAGED"), String(error));
        wrong += 1;
      }
    }
    assert.ok(wrong <= 4, "the damage stays in one frame");
  }
});

test("a damaged header is no loss: the copy opens the pack", async () => {
  const { store, places } = await damagedCopy((blob) => {
    blob.fill(0, 0, 100);
    return blob;
  });
  assert.equal((await readAll(store, places))[0]?.toString(), "first message");
});

test("a damaged trailer and table are no loss: the directory is found by walking", async () => {
  const { store } = await damagedCopy((blob) => {
    blob.fill(0, blob.length - 96);
    return blob;
  });
  const open = await openPack(store, { tenant, pack }, openKey);
  const found: string[] = [];
  for await (const line of readDirectory(store, open, () => undefined)) found.push(line);
  assert.deepEqual(found, lines);
});

test("a truncated pack is found at every cut", async () => {
  const whole = createMemoryBlobStore();
  const { bytes, sha256 } = await written(whole);
  for (const cut of [1, 95, 96, 97, 500, 5000, bytes - 2000, bytes - 400]) {
    const { store } = await damagedCopy((blob) => Buffer.from(blob.subarray(0, bytes - cut)));
    const open = await openPack(store, { tenant, pack }, openKey);
    assert.notDeepEqual(await checkPack(store, open, sha256), [], `${cut} bytes less`);
  }
});

test("another tenant's pack, a wrong key and a newer version each say what they are", async () => {
  const store = createMemoryBlobStore();
  await written(store);
  const fails = (code: string) => (error: unknown) => isFailure(error, code);
  await assert.rejects(
    openPack(store, { tenant, pack }, async () => seededBytes(9, 32)),
    fails("KEY-WRONG"),
  );
  const stolen = createMemoryBlobStore();
  const blob = await collect(store.get(packBlobName({ tenant, pack })));
  await stolen.put("packs/other/pck_00000000000000000000000001.pack" as BlobName, () => stream(blob));
  await assert.rejects(openPack(stolen, { tenant: "other" as TenantId, pack }, openKey), fails("PACK-MISPLACED"));
  const length = 12 + blob.readUInt32BE(8);
  const newer = Buffer.from(blob);
  newer[7] = "2".charCodeAt(0);
  createHash("sha256").update(newer.subarray(0, length)).digest().copy(newer, length);
  const later = createMemoryBlobStore();
  await later.put(packBlobName({ tenant, pack }), () => stream(newer));
  await assert.rejects(openPack(later, { tenant, pack }, openKey), fails("PACK-VERSION"));
});

test("an empty pack is a pack", async () => {
  const store = createMemoryBlobStore();
  const content = { tenant, pack, key, wrappedKey: seededBytes(4, 60), createdAt: 7 as Instant };
  let sha256 = "" as Sha256;
  await store.put(packBlobName(content), () =>
    packBody({ ...content, objects: [], directory: () => [] }, (pack) => {
      sha256 = pack.sha256;
    }),
  );
  assert.deepEqual(await checkPack(store, await openPack(store, { tenant, pack }, openKey), sha256), []);
});

test("one reading without a key tells whether a pack is as it was written, also where the catalogue repeats the damage", async () => {
  const whole = createMemoryBlobStore();
  const { sha256 } = await written(whole);
  const name = packBlobName({ tenant, pack });
  assert.equal(await isPackAsWritten(whole, name, sha256), true);
  const { store } = await damagedCopy((blob) => {
    blob[500] = (blob[500] ?? 0) ^ 1;
    return blob;
  });
  assert.equal(await isPackAsWritten(store, name, sha256), false);
  const ofDamaged = createHash("sha256")
    .update(await collect(store.get(name)))
    .digest("hex") as Sha256;
  assert.equal(await isPackAsWritten(store, name, ofDamaged), false);
  const { store: short } = await damagedCopy((blob) => blob.subarray(0, 95));
  assert.equal(await isPackAsWritten(short, name, sha256), false);
  await assert.rejects(isPackAsWritten(createMemoryBlobStore(), name, sha256), (error) =>
    isFailure(error, "BLOB-MISSING"),
  );
});
