import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, exported } from "../support/archive.ts";
import { seededBytes, sha256 } from "../support/bytes.ts";
import { munimentHere } from "../support/command-line.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson } from "../support/server.ts";

/** The epoch that wraps the key of each stored pack, in order. */
function epochsIn(data: string): number[] {
  const folder = join(data, "blobs/packs/main");
  return readdirSync(folder)
    .filter((name) => name.startsWith("pck_"))
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      const { wrappedKey } = JSON.parse(bytes.subarray(12, 12 + bytes.readUInt32BE(8)).toString());
      return Buffer.from(wrappedKey, "base64").readUInt32BE(1);
    });
}

test("rekey --reencrypt puts every pack under the newest key, also when it was killed on its way, and mail is as it was", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const digests: string[] = [];
  const shared = (seededBytes(1, 9_000).toString("base64").match(/.{76}/g) ?? []).join("\r\n");
  for (let number = 0; number < 3; number += 1) {
    const mail =
      `Subject: mail ${number}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${shared}\r\n--b--\r\n`;
    const file = join(folder, `${number}.eml`);
    writeFileSync(file, mail);
    await munimentJson(["import", file, "--data", data]);
    digests.push(sha256(mail));
  }
  await munimentJson(["keys", "rotate", "--data", data]);
  assert.deepEqual(epochsIn(data), [1, 1, 1]);
  assert.equal((await munimentHere(["rekey", "--data", data])).code, 2, "it wants to be told what to do");

  const injector = new URL("../support/fault-injector.ts", import.meta.url).href;
  Object.assign(process.env, {
    MUNIMENT_TEST_FAULT: "kill:after:pack.name:2",
    NODE_OPTIONS: `--import=${injector}`,
  });
  const killed = await muniment(["rekey", "--reencrypt", "--data", data]);
  delete process.env.MUNIMENT_TEST_FAULT;
  delete process.env.NODE_OPTIONS;
  assert.notEqual(killed.code, 0);
  // One is done; of the second both are there.
  assert.deepEqual(epochsIn(data).sort(), [1, 1, 2, 2]);

  const done = await munimentJson<{ tenants: { packs: number; left: unknown[] }[] }>([
    ...["rekey", "--reencrypt", "--data", data],
  ]);
  assert.deepEqual([done.tenants[0]?.packs, done.tenants[0]?.left], [1, []]);
  assert.deepEqual(epochsIn(data), [2, 2, 2]);
  const again = await munimentJson<{ tenants: { packs: number }[] }>(["rekey", "--reencrypt", "--data", data]);
  assert.equal(again.tenants[0]?.packs, 0);

  await assertSound(data);
  const back = await exported(data, "*", join(folder, "export"));
  assert.deepEqual([...back.keys()].sort(), digests.sort());
  const { messages } = await munimentJson<{ messages: number }>(["rebuild", "catalogue", "--data", data]);
  assert.equal(messages, 3);
  await assertSound(data);
});

test("rekey leaves a damaged pack as it is, tells it, and does the others", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  for (const name of ["one", "two"]) {
    const file = join(folder, `${name}.eml`);
    writeFileSync(file, `Subject: ${name}\r\n\r\n${name.repeat(100)}\r\n`);
    await munimentJson(["import", file, "--data", data]);
  }
  await munimentJson(["keys", "rotate", "--data", data]);
  const packs = readdirSync(join(data, "blobs/packs/main"));
  const file = join(data, "blobs/packs/main", packs[0]!);
  const bytes = readFileSync(file);
  bytes[600]! ^= 1;
  writeFileSync(file, bytes);
  const { code, stdout, stderr } = await muniment(["rekey", "--reencrypt", "--data", data, "--json"]);
  assert.equal(code, 3, stderr);
  const [main] = (JSON.parse(stdout.toString()) as { tenants: { packs: number; left: { pack: string }[] }[] }).tenants;
  assert.equal(main?.packs, 1);
  assert.deepEqual(
    main?.left.map(({ pack }) => `${pack}.pack`),
    [packs[0]],
  );
  assert.deepEqual(readFileSync(file), bytes);
  assert.deepEqual(epochsIn(data), [1, 2]);
});
