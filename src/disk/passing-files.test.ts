import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createPassingDisk } from "./real.ts";

test("every byte that is written and read is told of, whichever way it goes", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "muniment-passing-"));
  context.after(() => rmSync(folder, { recursive: true }));
  let passed = 0;
  const disk = createPassingDisk((bytes) => {
    passed += bytes;
  });
  const since = async (work: () => Promise<unknown>) => {
    passed = 0;
    await work();
    return passed;
  };
  const path = join(folder, "file");
  const body = async function* () {
    yield Buffer.from("12345");
    yield Buffer.from("678");
  };
  assert.equal(await since(() => disk.create(path, body())), 8);
  assert.equal(await since(() => disk.read(path, { start: 2, length: 3 })), 3);
  const segment = await disk.openSegment(join(folder, "segment"));
  assert.equal(await since(() => segment.append([Buffer.from("ab"), Buffer.from("c")])), 3);
  assert.equal(await since(() => segment.appendDurably([Buffer.from("de")])), 2);
  assert.equal(await since(() => segment.sync()), 0);
  await segment.close();
});
