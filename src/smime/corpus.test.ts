import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { readMessage } from "#mail/index.ts";
import { decryptionKey } from "./private-key.ts";
import { readCertificates, readKeyFile } from "./read-key-file.ts";
import { readSmime, type SmimeReading } from "./read-smime.ts";

const folder = join(import.meta.dirname, "../../../shared/corpus/smime-thunderbird");
const messages = readdirSync(folder).filter((name) => name.endsWith(".eml"));
const taken = Date.UTC(2026, 10, 1) as Instant;
const authorities = readCertificates(readFileSync(join(folder, "TestCA.pem")));

function keysOf(file: string) {
  return readKeyFile(readFileSync(join(folder, file)), "nss").keys.map((key) => {
    const usable = decryptionKey(key);
    assert.ok(usable);
    return usable;
  });
}

const bob = keysOf("Bob.p12");
const eve = keysOf("Eve.p12");

function read(name: string, tools: { keys: typeof bob; authorities: Buffer[] }): SmimeReading | null {
  const bytes = readFileSync(join(folder, name));
  return readSmime(bytes, readMessage(bytes), { ...tools, at: taken });
}

const encrypted = messages.filter((name) => name.includes("env"));
const isBad = (name: string) => /\.bad\.eml$|mismatch-econtent\.eml$/.test(name);
const isSigned = (name: string) => /sig\.SHA/.test(name);

test("every encrypted message of the corpus opens with Bob's key, and its text is read", () => {
  assert.equal(encrypted.length, 29);
  for (const name of encrypted) {
    const reading = read(name, { keys: bob, authorities });
    assert.equal(reading?.state, "encrypted-decrypted", name);
    assert.equal(reading.key, bob[0]!.id, name);
    const text = reading.entities.map((entity) => entity.reading.text).join("\n");
    assert.match(text, /This is a test message from Alice to Bob\./, name);
    assert.ok(
      reading.entities.some(({ isDecrypted }) => isDecrypted),
      name,
    );
  }
});

test("every signature of the corpus is good under its authority, untrusted without, and a false one is bad in both", () => {
  const signed = messages.filter(isSigned);
  assert.ok(signed.length > 50);
  for (const name of signed) {
    const trusting = read(name, { keys: bob, authorities })?.signature;
    const doubting = read(name, { keys: bob, authorities: [] })?.signature;
    assert.equal(trusting?.state, isBad(name) ? "signed-bad" : "signed-ok", name);
    assert.equal(doubting?.state, isBad(name) ? "signed-bad" : "signed-untrusted", name);
  }
});

test("a key of someone else opens nothing, and says that it is not the one", () => {
  for (const name of encrypted) {
    const reading = read(name, { keys: eve, authorities });
    assert.equal(reading?.state, "encrypted-no-key", name);
    assert.deepEqual(
      reading.entities.filter(({ isDecrypted }) => isDecrypted),
      [],
      name,
    );
    assert.deepEqual(
      reading.recipients.map((to) => "issuer" in to && to.serial),
      ["28"],
      name,
    );
  }
});

test("the keys of the corpus are read, RSA and elliptic, each with its own certificate out of the chain", () => {
  for (const file of ["Alice.p12", "Alice-ec.p12", "Bob.p12", "Dave.p12", "Eve.p12"]) {
    const { keys, certificates } = readKeyFile(readFileSync(join(folder, file)), "nss");
    assert.equal(keys.length, 1, file);
    assert.equal(certificates.length, 1, file);
  }
  assert.throws(() => readKeyFile(readFileSync(join(folder, "Bob.p12")), "wrong"), { code: "SMIME-PASSPHRASE" });
  assert.throws(() => readKeyFile(Buffer.from("no key"), ""), { code: "SMIME-KEY-FILE" });
});
