import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isFailure, MiB } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { type FileSystem, nodeFiles } from "../../src/disk/file-system.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { createSimDisk } from "../sim/sim-disk.ts";
import { createSimFiles } from "../sim/sim-files.ts";
import { collect, seededBytes, stream } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";

const rejectsWith = (code: string) => (error: unknown) => isFailure(error, code);

/** What every Disk promises. */
function diskContract(name: string, open: () => Disk): void {
  test(`${name}: a created file has its bytes and cannot be created twice`, async (context) => {
    const disk = open();
    const path = join(testFolder(context), "a", "b", "file");
    assert.equal(await disk.create(path, stream("one ", "two")), 7);
    assert.equal(String(await disk.read(path)), "one two");
    await assert.rejects(disk.create(path, stream("other")), rejectsWith("DISK-EXISTS"));
    assert.equal(String(await disk.read(path)), "one two");
  });

  test(`${name}: a body that throws leaves no file behind`, async (context) => {
    const disk = open();
    const folder = testFolder(context);
    const broken = async function* () {
      yield Buffer.from("half");
      throw new Error("the source broke");
    };
    await assert.rejects(disk.create(join(folder, "file"), broken()));
    assert.equal(await disk.size(join(folder, "file")), undefined);
    assert.deepEqual(await disk.list(folder), []);
  });

  test(`${name}: replace takes the place of an old file in one step`, async (context) => {
    const disk = open();
    const path = join(testFolder(context), "file");
    await disk.replace(path, stream("first"));
    await disk.replace(path, stream("second"));
    assert.equal(String(await disk.read(path)), "second");
  });

  test(`${name}: a range is read exactly, and short where the file ends`, async (context) => {
    const disk = open();
    const path = join(testFolder(context), "file");
    await disk.create(path, stream("0123456789"));
    assert.equal(String(await disk.read(path, { start: 3, length: 4 })), "3456");
    assert.equal(String(await disk.read(path, { start: 8, length: 4 })), "89");
    assert.equal(String(await collect(disk.stream(path, { start: 2, length: 3 }))), "234");
  });

  test(`${name}: reads many stretches of few files, and names what is missing`, async (context) => {
    const disk = open();
    const folder = testFolder(context);
    await disk.create(join(folder, "file"), stream("0123456789"));
    await disk.reading(async (readAt) => {
      assert.equal(String(await readAt(join(folder, "file"), { start: 3, length: 4 })), "3456");
      assert.equal(String(await readAt(join(folder, "file"), { start: 8, length: 4 })), "89");
      await assert.rejects(readAt(join(folder, "none"), { start: 0, length: 1 }), rejectsWith("DISK-MISSING"));
    });
  });

  test(`${name}: streams pieces of at most 1 MiB`, async (context) => {
    const disk = open();
    const path = join(testFolder(context), "file");
    const bytes = seededBytes(1, 2 * MiB + 5);
    await disk.create(path, stream(bytes));
    const lengths: number[] = [];
    for await (const piece of disk.stream(path)) lengths.push(piece.length);
    assert.ok(Math.max(...lengths) <= MiB);
    assert.deepEqual(await collect(disk.stream(path)), bytes);
  });

  test(`${name}: what is missing is named so, and removing it is fine`, async (context) => {
    const disk = open();
    const folder = testFolder(context);
    await assert.rejects(disk.read(join(folder, "none")), rejectsWith("DISK-MISSING"));
    await assert.rejects(collect(disk.stream(join(folder, "none"))), rejectsWith("DISK-MISSING"));
    assert.equal(await disk.size(join(folder, "none")), undefined);
    assert.deepEqual(await disk.list(join(folder, "none")), []);
    await disk.remove(join(folder, "none"));
  });

  test(`${name}: lists names in byte order`, async (context) => {
    const disk = open();
    const folder = testFolder(context);
    for (const name of ["b", "a", "Z", "é", "a1"]) await disk.create(join(folder, name), stream(name));
    assert.deepEqual(await disk.list(folder), ["Z", "a", "a1", "b", "é"]);
  });

  test(`${name}: a segment is written front to back and keeps what was beyond`, async (context) => {
    const disk = open();
    const path = join(testFolder(context), "deep", "segment");
    const first = await disk.openSegment(path);
    assert.equal(await first.append([Buffer.from("abc"), Buffer.from("defghij")]), 0);
    assert.equal(await first.append([Buffer.from("klm")]), 10);
    assert.equal(first.bytes, 13);
    await first.sync();
    assert.equal(await first.appendDurably([Buffer.from("no"), Buffer.from("p")]), 13);
    assert.equal(await first.append([Buffer.from("q")]), 16);
    assert.equal(await first.appendDurably([Buffer.from("rs")]), 17);
    await first.close();
    await first.close();
    const again = await disk.openSegment(path);
    await again.append([Buffer.from("XY")]);
    await again.sync();
    await again.close();
    assert.equal(String(await disk.read(path)), "XYcdefghijklmnopqrs");
  });

  test(`${name}: settling leaves every finished file, at any depth`, async (context) => {
    const disk = open();
    const folder = testFolder(context);
    await disk.create(join(folder, "a", "b", "file"), stream("kept"));
    await disk.settle(folder);
    await disk.settle(folder);
    assert.equal(String(await disk.read(join(folder, "a", "b", "file"))), "kept");
  });

  test(`${name}: says how much is free`, async (context) => {
    assert.ok((await open().freeBytes(testFolder(context))) > 0);
  });
}

diskContract("real disk", createRealDisk);
diskContract("memory disk", createMemoryDisk);
diskContract("simulated disk", () => createSimDisk(createSimFiles()));

test("real disk: settling removes what was never finished and passes by what it may not read", async (context) => {
  const folder = testFolder(context);
  mkdirSync(join(folder, "a", "b"), { recursive: true });
  writeFileSync(join(folder, "a", "b", ".unfinished-1"), "half");
  writeFileSync(join(folder, "a", "b", "whole"), "whole");
  const forbidden: FileSystem = {
    ...nodeFiles,
    list: async (directory) => {
      if (directory.endsWith("lost+found")) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
      return nodeFiles.list(directory);
    },
  };
  mkdirSync(join(folder, "lost+found"));
  await createRealDisk(forbidden).settle(folder);
  assert.deepEqual(readdirSync(join(folder, "a", "b")), ["whole"]);
});

test("real disk: a write after a failed one is refused, since the kernel may have dropped pages", async (context) => {
  const folder = testFolder(context);
  // /dev/full takes an open and refuses every write with ENOSPC.
  symlinkSync("/dev/full", join(folder, "full"));
  const segment = await createRealDisk().openSegment(join(folder, "full"));
  await assert.rejects(segment.append([Buffer.from("x")]), rejectsWith("DISK-FULL"));
  await assert.rejects(segment.sync(), rejectsWith("DISK-SUSPECT"));
  await assert.rejects(segment.append([Buffer.from("x")]), rejectsWith("DISK-SUSPECT"));
  await segment.close();
});
