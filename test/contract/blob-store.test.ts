import assert from "node:assert/strict";
import { test } from "node:test";
import { type BlobName, type BlobStore, isBlobName } from "#blob/index.ts";
import { isFailure } from "#core/index.ts";
import { createFolderBlobStore } from "../../src/blob/folder.ts";
import { createMemoryBlobStore } from "../../src/blob/memory.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { collect, stream } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";

const rejectsWith = (code: string) => (error: unknown) => isFailure(error, code);
const name = (text: string) => text as BlobName;

async function names(store: BlobStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const one of store.list(prefix)) found.push(one);
  return found;
}

/** What every BlobStore promises. */
function blobContract(kind: string, open: (folder: string) => BlobStore): void {
  const check = (claim: string, body: (store: BlobStore) => Promise<void>) =>
    test(`${kind}: ${claim}`, (context) => body(open(testFolder(context))));

  check("gives back what was put, whole and in ranges", async (store) => {
    assert.deepEqual(await store.put(name("packs/t/one.pack"), () => stream("0123", "456789")), { bytes: 10 });
    assert.equal(String(await collect(store.get(name("packs/t/one.pack")))), "0123456789");
    assert.equal(String(await collect(store.get(name("packs/t/one.pack"), { start: 4, length: 3 }))), "456");
    assert.deepEqual(await store.stat(name("packs/t/one.pack")), { bytes: 10 });
  });

  check("takes the same bytes twice and refuses others", async (store) => {
    await store.put(name("a"), () => stream("same"));
    assert.deepEqual(await store.put(name("a"), () => stream("sa", "me")), { bytes: 4 });
    await assert.rejects(
      store.put(name("a"), () => stream("else")),
      rejectsWith("BLOB-CONFLICT"),
    );
    assert.equal(String(await collect(store.get(name("a")))), "same");
  });

  check("stores nothing of a body that throws", async (store) => {
    const broken = async function* () {
      yield Buffer.from("half");
      throw new Error("the source broke");
    };
    await assert.rejects(store.put(name("a"), broken));
    assert.equal(await store.stat(name("a")), undefined);
    assert.deepEqual(await names(store, ""), []);
  });

  check("names what is missing and what is short", async (store) => {
    await assert.rejects(collect(store.get(name("none"))), rejectsWith("BLOB-MISSING"));
    assert.equal(await store.stat(name("none")), undefined);
    await store.put(name("a"), () => stream("abc"));
    await assert.rejects(collect(store.get(name("a"), { start: 1, length: 5 })), rejectsWith("BLOB-SHORT"));
  });

  check("lists by prefix in byte order", async (store) => {
    for (const one of ["packs/b/2", "packs/a/9", "packs/a/10", "other/x"])
      await store.put(name(one), () => stream(one));
    assert.deepEqual(await names(store, "packs/"), ["packs/a/10", "packs/a/9", "packs/b/2"]);
    assert.deepEqual(await names(store, "packs/a/1"), ["packs/a/10"]);
    assert.deepEqual(await names(store, "none/"), []);
  });

  check("deletes, and deleting again is fine", async (store) => {
    await store.put(name("a"), () => stream("x"));
    await store.delete(name("a"));
    await store.delete(name("a"));
    assert.equal(await store.stat(name("a")), undefined);
  });
}

blobContract("folder on the real disk", (folder) => createFolderBlobStore(createRealDisk(), folder));
blobContract("folder on the memory disk", (folder) => createFolderBlobStore(createMemoryDisk(), folder));
blobContract("memory", createMemoryBlobStore);

test("no blob name climbs out of the store or hides in it", () => {
  for (const bad of ["", "/a", "a/", "../a", "a/../b", "a/.b", ".a", "A", "a//b", "a\0", "a b", `${"a/".repeat(300)}a`])
    assert.equal(isBlobName(bad), false, bad);
  for (const good of ["a", "packs/main/pck_01.pack", "a/b-c_d.e"]) assert.equal(isBlobName(good), true, good);
});
