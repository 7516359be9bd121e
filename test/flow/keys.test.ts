import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { munimentHere } from "../support/command-line.ts";
import { testFolder } from "../support/folder.ts";
import { munimentJson, startServer } from "../support/server.ts";
import { snapshot } from "../support/snapshot.ts";

interface Listed {
  v: number;
  protection: string;
  root: { epoch: number };
  recoveryKit: { kit: string; madeAt: string; testedAt: string | null } | null;
  tenants: { tenant: string; epoch: number; madeAt: string | null }[];
}

async function listed(data: string): Promise<Listed> {
  const { code, stdout, stderr } = await munimentHere(["keys", "list", "--data", data, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout.toString()) as Listed;
}

/** Imports one mail and gives its digest. */
async function importOne(folder: string, data: string, name: string, ...word: string[]): Promise<string> {
  const mail = `From: anna@example.com\r\nSubject: ${name}\r\n\r\nThe mail that is called ${name}.\r\n`;
  const file = join(folder, `${name}.eml`);
  writeFileSync(file, mail);
  await munimentJson(["import", file, "--data", data, ...word]);
  return sha256(mail);
}

test("keys rotate, three epochs and a new root key later every mail, token and setting is as it was", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const { token } = await munimentJson<{ token: string }>(["token", "create", "--data", data, "--role", "auditor"]);
  const digests = [await importOne(folder, data, "one")];
  for (const epoch of [2, 3]) {
    const turned = await munimentJson<{ tenants: unknown }>(["keys", "rotate", "--data", data]);
    assert.deepEqual(turned.tenants, [{ tenant: "main", epoch }]);
    digests.push(await importOne(folder, data, `epoch-${epoch}`));
  }
  const unknown = await munimentHere(["keys", "rotate", "--tenant", "nobody", "--data", data]);
  assert.equal(unknown.code, 5, unknown.stderr);
  await munimentJson(["keys", "rotate", "--root", "--data", data]);
  const before = await listed(data);
  assert.deepEqual([before.protection, before.root.epoch, before.recoveryKit], ["none", 2, null]);
  assert.deepEqual(
    before.tenants.map(({ tenant, epoch }) => [tenant, epoch]),
    [1, 2, 3].map((epoch) => ["main", epoch]),
  );

  const server = await startServer(data);
  context.after(() => server.kill());
  for (const words of [["rotate"], ["rotate", "--root"], ["passphrase", "--remove"], ["recovery-kit"]]) {
    const { code, stderr } = await munimentHere(["keys", ...words, "--data", data]);
    assert.equal(code, 11, stderr);
  }
  assert.deepEqual(await listed(data), before);
  const url = `http://${server.http}/api/v1/messages?q=*`;
  assert.equal((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status, 200);
  const found = await exported(data, "*", join(folder, "export"));
  assert.deepEqual([...found.keys()].sort(), digests.sort());
  await assertSound(data);
  assert.equal(await server.stop(), 0);
});

test("a lost passphrase is no lost mail: the printed kit opens the keys, names a typing error by its line, and is proved", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const [old, next] = ["old", "new"].map((name) => {
    const file = join(folder, name);
    writeFileSync(file, `the ${name} passphrase\n`);
    return ["--passphrase-file", file];
  }) as [string[], string[]];
  await munimentJson(["init", "--data", data, ...old]);
  const digest = await importOne(folder, data, "one", ...old);
  const printed = await munimentHere(["keys", "recovery-kit", "--data", data, ...old]);
  assert.equal(printed.code, 0, printed.stderr);
  const paper = printed.stdout.toString();
  for (const line of paper.split("\n")) assert.ok(line.length <= 80, line);
  const kept = filesText(data);
  for (const [, line] of paper.matchAll(/[1-4]: (\S{4}) /g)) assert.equal(kept.includes(line ?? ""), false);

  const file = join(data, "keys", "keyring.json");
  const before = snapshot(data);
  const refused = async (words: string[], input: string, code: number, said: RegExp) => {
    const ran = await munimentHere(["keys", ...words, "--data", data], input);
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, said);
    assert.deepEqual(snapshot(data), before, "nothing was written");
  };
  const typo = paper.replace(/^(\s*3: .*)(.)$/m, (_, line, last) => line + (last === "7" ? "8" : "7"));
  await refused(["recovery-kit", ...old], "", 2, /KIT-EXISTS/);
  await refused(["test-recovery", "--kit-stdin"], typo, 2, /line 3 does not hold.*KIT-UNREADABLE/);
  await refused(["recover", "--kit-stdin", ...next], typo, 2, /line 3 does not hold/);
  await refused(["recover", "--kit-stdin", ...next], "", 2, /line 1 is missing/);
  await refused(["recover", ...next], paper, 2, /kit-stdin/);
  writeFileSync(join(folder, "empty"), "\n");
  await refused(["recover", "--kit-stdin", "--passphrase-file", join(folder, "empty")], paper, 2, /PASSPHRASE-EMPTY/);

  const test = await munimentHere(["keys", "test-recovery", "--kit-stdin", "--json", "--data", data], paper);
  assert.equal(test.code, 0, test.stderr);
  const { tenants, testedAt } = JSON.parse(test.stdout.toString());
  assert.match(tenants[0].pack, /^pck_/);
  const { recoveryKit } = await listed(data);
  assert.equal(recoveryKit?.testedAt, testedAt);
  const protectionOf = () => JSON.stringify(JSON.parse(readFileSync(file, "utf8")).protection);
  const unlike = snapshot(data).filter((line) => !before.includes(line));
  assert.deepEqual(
    unlike.map((line) => line.split(" ")[0]),
    ["keys/keyring.json"],
    "a test changes the note of it alone",
  );
  const protection = protectionOf();

  const recovered = await munimentHere(
    ["keys", "recover", "--kit-stdin", "--data", data, ...next],
    paper.toLowerCase(),
  );
  assert.equal(recovered.code, 0, recovered.stderr);
  assert.notEqual(protectionOf(), protection);
  assert.equal((await munimentHere(["status", "--data", data, ...old])).code, 12);
  assert.ok((await exported(data, "*", join(folder, "export"), next)).has(digest));

  const elsewhere = join(folder, "elsewhere");
  await munimentJson(["init", "--data", elsewhere, "--no-input"]);
  const none = await munimentHere(["keys", "test-recovery", "--kit-stdin", "--data", elsewhere], paper);
  assert.deepEqual([none.code, /KIT-MISSING/.test(none.stderr)], [5, true]);
  await munimentJson(["keys", "recovery-kit", "--data", elsewhere]);
  const foreign = await munimentHere(["keys", "test-recovery", "--kit-stdin", "--data", elsewhere], paper);
  assert.deepEqual([foreign.code, /KIT-WRONG/.test(foreign.stderr)], [12, true]);
});

function filesText(data: string): string {
  return readFileSync(join(data, "keys", "keyring.json"), "latin1");
}

test("a kit whose archive is damaged is not called proved", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  await importOne(folder, data, "one");
  const { lines } = await munimentJson<{ lines: string[] }>(["keys", "recovery-kit", "--data", data]);
  const pack =
    snapshot(data)
      .find((line) => line.startsWith("blobs/packs/"))
      ?.split(" ")[0] ?? "";
  const bytes = readFileSync(join(data, pack));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(data, pack), bytes);
  const { code, stderr } = await munimentHere(
    ["keys", "test-recovery", "--kit-stdin", "--data", data],
    lines.join("\n"),
  );
  assert.equal(code, 20, stderr);
  const { recoveryKit } = await listed(data);
  assert.equal(recoveryKit?.testedAt, null);
});
