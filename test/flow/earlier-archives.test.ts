import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { assertSound, exported, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson } from "../support/server.ts";

const fixture = join(import.meta.dirname, "../../fixtures/archive/v1");

/** A copy of the archive, since opening one brings its catalogue to today's schema, with a search index of today. */
async function copied(context: TestContext): Promise<{ folder: string; data: string }> {
  const folder = testFolder(context);
  const data = join(folder, "data");
  cpSync(join(fixture, "archive"), data, { recursive: true });
  await munimentJson(["rebuild", "search", "--data", data]);
  return { folder, data };
}

function filesIn(folder: string): Buffer[] {
  return readdirSync(join(fixture, "messages", folder)).map((name) =>
    readFileSync(join(fixture, "messages", folder, name)),
  );
}

async function assertWhole(data: string, out: string): Promise<void> {
  const back = await exported(data, "*", out);
  for (const bytes of filesIn("standard")) assert.ok(back.has(sha256(bytes)));
  // Five files, and the message that both journal reports wrap.
  assert.equal(back.size, 6);
  assert.equal((await search(data, "zebra")).total, 1);
  assert.equal((await search(data, "filename:shared.pdf")).total, 4);
  assert.equal((await search(data, "recipient:carol@corp.example")).items[0]?.receipts, 2);
  await assertSound(data);
}

test("an archive of version 1 is opened, verified, searched and exported byte for byte", async (context) => {
  const { folder, data } = await copied(context);
  await assertWhole(data, join(folder, "out"));
});

test("the journal reports of an archive of version 1 come back byte for byte", async (context) => {
  const { data } = await copied(context);
  const id = (await search(data, "recipient:carol@corp.example")).items[0]?.id ?? "";
  const back: string[] = [];
  for (const receipt of ["0", "1"])
    back.push(sha256((await muniment(["get", id, "--data", data, "--report", "--receipt", receipt])).stdout));
  assert.deepEqual(back.sort(), filesIn("journal").map(sha256).sort());
});

test("an archive of version 1 takes new mail, and its catalogue can be rebuilt from packs old and new", async (context) => {
  const { folder, data } = await copied(context);
  rmSync(join(data, "catalogue"), { recursive: true });
  const rebuilt = await munimentJson<{ receipts: number; messages: number }>(["rebuild", "catalogue", "--data", data]);
  assert.deepEqual([rebuilt.receipts, rebuilt.messages], [7, 6]);
  await munimentJson(["rebuild", "search", "--data", data]);
  await assertWhole(data, join(folder, "out"));

  const old = readFileSync(join(fixture, "messages", "standard", "attachment-one.eml"), "latin1");
  const mails = ["one", "two"].map((word) => Buffer.from(old.replace("first time", `time ${word}`), "latin1"));
  for (const [index, bytes] of mails.entries()) writeFileSync(join(folder, `${index}.eml`), bytes);
  const files = mails.map((_, index) => join(folder, `${index}.eml`));
  await munimentJson(["import", ...files, "--data", data]);
  rmSync(join(data, "catalogue"), { recursive: true });
  await munimentJson(["rebuild", "catalogue", "--data", data]);
  await munimentJson(["rebuild", "search", "--data", data]);
  const back = await exported(data, "*", join(folder, "all"));
  assert.equal(back.size, 8);
  for (const bytes of mails) assert.ok(back.has(sha256(bytes)));
  await assertSound(data);
});
