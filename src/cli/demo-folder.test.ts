import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { dataFolder, lockFolder } from "#server/index.ts";
import { testFolder } from "../../test/support/folder.ts";
import { makeDemoFolder } from "./demo-folder.ts";

const now = 0 as Instant;

test("a demo's folder is removed with all that came into it, also twice", (context) => {
  const path = join(testFolder(context), "demo");
  const folder = makeDemoFolder(path, false, now);
  mkdirSync(join(path, "spool"));
  writeFileSync(join(path, "spool", "mail"), "x");
  folder.remove();
  folder.remove();
  assert.equal(existsSync(path), false);
});

test("what a demo left that was cut short is removed by the next", (context) => {
  const path = join(testFolder(context), "demo");
  makeDemoFolder(path, false, now);
  writeFileSync(join(path, "left"), "x");
  makeDemoFolder(path, false, now);
  assert.equal(existsSync(join(path, "left")), false);
});

test("a kept folder stays, and no demo touches it any more", (context) => {
  const path = join(testFolder(context), "demo");
  const folder = makeDemoFolder(path, true, now);
  writeFileSync(join(path, "mail"), "x");
  folder.remove();
  assert.throws(() => makeDemoFolder(path, false, now), { code: "DEMO-FOLDER" });
  assert.deepEqual(readdirSync(path), ["mail"]);
});

test("a folder or file of somebody else is left as it is", (context) => {
  const path = testFolder(context);
  const file = join(path, "file");
  writeFileSync(file, "x");
  for (const taken of [path, file]) assert.throws(() => makeDemoFolder(taken, false, now), { code: "DEMO-FOLDER" });
  assert.equal(readFileSync(file, "utf8"), "x");
});

test("a folder in which a demo runs is left as it is", (context) => {
  const path = join(testFolder(context), "demo");
  makeDemoFolder(path, false, now);
  const before = readdirSync(path);
  const lock = lockFolder(dataFolder(path), now);
  try {
    assert.throws(() => makeDemoFolder(path, false, now), { code: "ARCHIVE-LOCKED" });
  } finally {
    lock.release();
  }
  assert.deepEqual(readdirSync(path), [...before, "run"]);
});
