import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { sendAll } from "../support/smtp-client.ts";

test("serve without an archive ends with 10 and names init; a second serve is refused with 11 and names the first", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const missing = await muniment(["serve", "--data", data]);
  assert.equal(missing.code, 10);
  assert.match(missing.stderr, /muniment init/);

  const made = await munimentJson<{ claimUrl: string }>(["init", "--data", data, "--no-input"]);
  assert.match(made.claimUrl, /^http:\/\/127\.0\.0\.1:8080\/claim#/);
  const server = await startServer(data);
  context.after(() => server.kill());
  assert.match(server.claimUrl ?? "", /\/claim#/);
  const second = await muniment(["serve", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"]);
  assert.equal(second.code, 11);
  assert.match(second.stderr, new RegExp(`process ${server.pid}`));
  assert.equal(second.stdout.length, 0);
  assert.equal(await server.stop(), 0);
  assert.equal(existsSync(join(data, "run", "muniment.sock")), false);
});

test("init may be repeated: nothing is replaced, and mail stays readable", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const mail = join(data, "..", "one.eml");
  writeFileSync(mail, "From: a@test.example\nSubject: kept\n\nbody\n");
  await munimentJson(["import", mail, "--data", data]);
  const again = await munimentJson<{ created: boolean }>(["init", "--data", data, "--no-input"]);
  assert.equal(again.created, false);
  assert.equal((await munimentJson<{ total: number }>(["search", "subject:kept", "--data", data])).total, 1);
  assert.equal(statSync(join(data, "keys", "keyring.json")).mode & 0o777, 0o600);
});

test("an archive with a passphrase opens with its file, and ends with 12 without it or with another", async (context) => {
  const folder = testFolder(context);
  mkdirSync(folder, { recursive: true });
  const [right, wrong] = [join(folder, "right"), join(folder, "wrong")];
  writeFileSync(right, "correct horse battery\n");
  writeFileSync(wrong, "incorrect horse\n");
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input", "--passphrase-file", right]);
  assert.equal((await muniment(["status", "--data", data, "--passphrase-file", right])).code, 0);
  assert.equal((await muniment(["status", "--data", data, "--passphrase-file", wrong])).code, 12);
  assert.equal((await muniment(["status", "--data", data])).code, 12);
});

test("an unknown address gets 550, a disabled connector 451, and its mail comes when it is enabled again", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  const { id } = await addConnector(data, "standard", "one@archive.example");
  const mail = [Buffer.from("Subject: x\r\n\r\nx\r\n")];
  await assert.rejects(sendAll(server.smtpPort, "other@archive.example", mail), /550/);
  await munimentJson(["connectors", "disable", id, "--data", data]);
  await assert.rejects(sendAll(server.smtpPort, "one@archive.example", mail), /451/);
  await munimentJson(["connectors", "enable", id, "--data", data]);
  await sendAll(server.smtpPort, "ONE@archive.example", mail);
  assert.equal((await settled(data)).archived, 1);
  assert.equal(await server.stop(), 0);
});
