import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpusKey } from "../smime/encrypted-mail.ts";
import { hostileMail } from "../smime/hostile-mail.ts";
import { messageCostMax } from "../smime/hostile-run.ts";
import { assertSound, exported, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";

test("hostile S/MIME is archived whole by a server that has the key, is marked, and mail behind it is archived as well", async (context) => {
  const folder = testFolder(context);
  const [data, mail, later] = ["data", "mail", "later"].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [mail, later]) mkdirSync(path);
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  const bob = corpusKey("Bob");
  const keys = ["keys", "import", bob.path, "--data", data, "--passphrase-stdin"];
  assert.equal((await muniment(keys, `${bob.passphrase}\n`)).code, 0);

  const hostile = [...hostileMail(0.02)];
  for (const [index, { bytes }] of hostile.entries()) writeFileSync(join(mail, `${index}.eml`), bytes);
  await munimentJson(["import", mail, "--data", data]);
  writeFileSync(join(later, "later.eml"), "Subject: mail that came after\r\n\r\nbody\r\n");
  await munimentJson(["import", later, "--data", data]);
  const status = await settled(data);
  assert.equal(status.archived, hostile.length + 1);
  assert.equal((await search(data, 'subject:"came after"')).total, 1);

  for (const state of new Set(hostile.map((one) => one.state))) {
    const expected = hostile.filter((one) => one.state === state).map(({ bytes }) => sha256(bytes));
    const found = (await search(data, `is:${state}`)).items.map((item) => item.sha256);
    assert.deepEqual(found.toSorted(), expected.toSorted(), state);
  }
  const cut = hostile.filter(({ isCut }) => isCut).map(({ bytes }) => sha256(bytes));
  const partial = (await search(data, "is:partial")).items.map((item) => item.sha256);
  assert.deepEqual(
    cut.filter((digest) => !partial.includes(digest)),
    [],
    "what was left unread is marked",
  );
  assert.ok(server.peakBytes() < messageCostMax.peakMiB * 1024 * 1024);
  assert.equal(await server.stop(), 0);
  const back = await exported(data, "*", join(folder, "export"));
  for (const { name, bytes } of hostile) assert.ok(back.has(sha256(bytes)), name);
  await assertSound(data);
});
