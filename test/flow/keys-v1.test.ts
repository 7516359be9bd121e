import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { createRealDisk } from "../../src/disk/real.ts";
import { createFileKeyRing } from "../../src/keyring/file-key-ring.ts";
import { readKeyFile } from "../../src/keyring/key-file.ts";
import { systemClock, systemEntropy } from "../../src/server/system.ts";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { munimentJson } from "../support/server.ts";

const fixture = resolve(import.meta.dirname, "../../fixtures/archive/keys-v1");
const passphraseFile = join(fixture, "passphrase.txt");
const disk = createRealDisk();

interface Facts {
  sha256: string;
  fingerprint: string;
  spoolKeySha256: string;
}
const facts = JSON.parse(readFileSync(join(fixture, "facts.json"), "utf8")) as Record<string, Facts>;

async function openRing(data: string, passphrase: string | null) {
  const path = join(data, "keys", "keyring.json");
  const { keys } = await readKeyFile(disk, path, { kind: "passphrase", passphrase });
  return createFileKeyRing(disk, path, keys, systemEntropy, systemClock);
}

for (const [kind, passphrase] of [
  ["plain", null],
  ["protected", "an old passphrase"],
] as const)
  test(`an archive of key file version 1 (${kind}) is opened, rebuilt and exported, before and after its keys change`, async (context) => {
    const folder = testFolder(context);
    const data = join(folder, "data");
    cpSync(join(fixture, kind), data, { recursive: true });
    const file = join(data, "keys", "keyring.json");
    const word = passphrase === null ? [] : ["--passphrase-file", passphraseFile];
    const before = readFileSync(file);

    const same = async () => {
      const ring = await openRing(data, passphrase);
      assert.equal(ring.fingerprint("token", "a token"), facts[kind]?.fingerprint);
      assert.equal(sha256(await ring.spoolKey(Buffer.alloc(16, 7))), facts[kind]?.spoolKeySha256);
    };
    await same();
    await munimentJson(["rebuild", "catalogue", "--data", data, ...word]);
    await munimentJson(["rebuild", "search", "--data", data, ...word]);
    assert.deepEqual(readFileSync(file), before, "reading a file of version 1 leaves it one");
    assert.ok((await exported(data, "*", join(folder, "old"), word)).has(facts[kind]?.sha256 ?? ""));

    await munimentJson(["keys", "rotate", "--data", data, ...word]);
    await munimentJson(["keys", "rotate", "--root", "--data", data, ...word]);
    assert.equal(JSON.parse(readFileSync(file, "utf8")).v, 2);
    await same();
    assert.ok((await exported(data, "*", join(folder, "new"), word)).has(facts[kind]?.sha256 ?? ""));
    await assertSound(data, word);
  });
