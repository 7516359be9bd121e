import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readKeyFile } from "#smime/index.ts";
import { search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { filesBelow } from "../support/snapshot.ts";

const corpus = join(import.meta.dirname, "../../../shared/corpus/smime-thunderbird");
const encrypted = readdirSync(corpus).filter((name) => name.endsWith(".eml") && name.includes("env"));
const phrase = '"test message from Alice to Bob"';

interface Keys {
  certificates: {
    subject: string;
    serial: string;
    issuer: string;
    notAfter: string;
    opened: number;
    waiting: number;
  }[];
  waiting: { recipient: string; messages: number }[];
}

interface Detail {
  smime: { state: string; key: string | null; signature: { state: string } | null } | null;
  entities: { path: string; text: string; isDecrypted: boolean }[];
}

interface Shown {
  smime: { state: string; text: string | null } | null;
  receipts: { state: string }[];
}

/** A folder with the corpus's encrypted messages only. */
function encryptedFolder(below: string): string {
  const folder = join(below, "mail");
  mkdirSync(folder);
  for (const name of encrypted) cpSync(join(corpus, name), join(folder, name));
  return folder;
}

async function importKeys(data: string, file: string): Promise<Keys> {
  const ran = await muniment(["keys", "import", file, "--data", data, "--passphrase-stdin", "--json"], "nss\n");
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout.toString()) as Keys;
}

test("encrypted mail waits for its key, is opened when the key comes, and is found by its text", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    await munimentJson(["keys", "trust", join(corpus, "TestCA.pem"), "--data", data]);
    await munimentJson(["import", encryptedFolder(folder), "--data", data]);
    // An import ends with the archive; the index, which reads encrypted mail once more, follows.
    await settled(data);
    assert.equal((await search(data, "is:encrypted-no-key")).total, encrypted.length);
    assert.equal((await search(data, phrase)).total, 0);
    const waiting = await munimentJson<Keys>(["keys", "list", "--data", data]);
    assert.deepEqual(
      waiting.waiting.map(({ messages }) => messages),
      [encrypted.length],
    );
    assert.match(waiting.waiting[0]!.recipient, /NSS Test CA .* 28$/);

    // Someone else's key opens nothing, and the waiting are told apart from what it opened.
    assert.equal((await importKeys(data, join(corpus, "Eve.p12"))).certificates[0]?.opened, 0);
    assert.equal((await search(data, phrase)).total, 0);
    const imported = await importKeys(data, join(corpus, "Bob.p12"));
    assert.equal(imported.certificates[0]?.opened, encrypted.length);
    assert.deepEqual((await munimentJson<Keys>(["keys", "list", "--data", data])).waiting, []);
    const found = await search(data, phrase);
    assert.equal(found.total, encrypted.length);
    assert.equal((await search(data, "is:encrypted-decrypted is:signed-ok")).total, encrypted.length - 1);

    const shown = await munimentJson<Shown>(["show", found.items[0]!.id, "--data", data]);
    assert.equal(shown.smime?.state, "encrypted-decrypted");
    assert.match(shown.smime.text ?? "", /test message from Alice to Bob/);
    assert.deepEqual(
      shown.receipts.map(({ state }) => state),
      ["archived"],
    );

    const { token } = await munimentJson<{ token: string }>(["token", "create", "--role", "admin", "--data", data]);
    const { token: auditor } = await munimentJson<{ token: string }>([
      "token",
      "create",
      "--role",
      "auditor",
      "--data",
      data,
    ]);
    const detail = async (as: string) => {
      const response = await fetch(`http://${server.http}/api/v1/messages/${found.items[0]!.id}`, {
        headers: { authorization: `Bearer ${as}` },
      });
      return (await response.json()) as Detail;
    };
    const seen = await detail(token);
    assert.equal(seen.smime?.state, "encrypted-decrypted");
    assert.match(seen.entities.map(({ text }) => text).join(), /test message from Alice to Bob/);
    const hidden = await detail(auditor);
    assert.equal(hidden.smime?.state, "encrypted-decrypted");
    assert.deepEqual(
      hidden.entities.filter(({ isDecrypted }) => isDecrypted),
      [],
    );
  } finally {
    await server.stop();
  }

  // No private key and no passphrase stands anywhere in clear.
  const { privateKey } = readKeyFile(readFileSync(join(corpus, "Bob.p12")), "nss").keys[0]!;
  const forms = [privateKey, ...(["base64", "hex"] as const).map((form) => Buffer.from(privateKey.toString(form)))];
  for (const name of filesBelow(data)) {
    const bytes = readFileSync(join(data, name));
    assert.deepEqual(
      forms.filter((form) => bytes.includes(form)),
      [],
      name,
    );
  }
});

test("with keys and authorities there first, mail is opened as it comes, also when the catalogue and index were lost", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  await importKeys(data, join(corpus, "Bob.p12"));
  await munimentJson(["keys", "trust", join(corpus, "TestCA.pem"), "--data", data]);
  await munimentJson(["import", encryptedFolder(folder), "--data", data]);
  await settled(data);
  assert.equal((await search(data, phrase)).total, encrypted.length);
  await munimentJson(["rebuild", "catalogue", "--data", data]);
  await munimentJson(["rebuild", "search", "--data", data]);
  assert.equal((await search(data, phrase)).total, encrypted.length);
  const [key] = (await munimentJson<Keys>(["keys", "list", "--data", data])).certificates;
  assert.equal(key?.opened, encrypted.length);
});

test("a backup takes the keys along, and what is restored opens its mail", async (context) => {
  const folder = testFolder(context);
  const [data, saved, restored] = ["data", "saved", "restored"].map((name) => join(folder, name));
  await munimentJson(["init", "--data", data!, "--no-input"]);
  await importKeys(data!, join(corpus, "Bob.p12"));
  await munimentJson(["import", join(corpus, "alice.env.eml"), "--data", data!]);
  await munimentJson(["backup", saved!, "--data", data!]);
  await munimentJson(["restore", saved!, "--data", restored!]);
  await munimentJson(["rebuild", "search", "--data", restored!]);
  assert.equal((await search(restored!, phrase)).total, 1);
});

test("a wrong passphrase and a file without a key are refused in words, and nothing is taken in", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const wrong = await muniment(
    ["keys", "import", join(corpus, "Bob.p12"), "--data", data, "--passphrase-stdin"],
    "no\n",
  );
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /SMIME-PASSPHRASE/);
  const none = await muniment(["keys", "import", join(corpus, "README.md"), "--data", data]);
  assert.match(none.stderr, /SMIME-KEY-FILE/);
  assert.deepEqual((await munimentJson<Keys>(["keys", "list", "--data", data])).certificates, []);
});
