import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Instant } from "#core/index.ts";
import { readMessage } from "#mail/index.ts";
import { type DecryptionKey, decryptionKey, readCertificates, readKeyFile, readSmime } from "#smime/index.ts";
import { seeded } from "../support/bytes.ts";
import { type OpenSsl, openSsl } from "./openssl.ts";

const plain = "Content-Type: text/plain; charset=utf-8\r\n\r\nthe words that only a key shows\r\n";
const oaep = (digest: string) => ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", `rsa_oaep_md:${digest}`];
const rsa = ["-recip", "rsa.crt"];

/** Options of `openssl cms -encrypt`, and the cipher that must be named. */
const encryptions: [name: string, cipher: string, options: string[]][] = [
  ["RSA v1.5, 3DES", "3DES-CBC", ["-des3", ...rsa]],
  ["RSA v1.5, AES-128-CBC", "AES-128-CBC", ["-aes128", ...rsa]],
  ["RSA v1.5, AES-192-CBC", "AES-192-CBC", ["-aes192", ...rsa]],
  ["RSA v1.5, AES-256-CBC", "AES-256-CBC", ["-aes256", ...rsa]],
  ["RSA v1.5, AES-256-GCM", "AES-256-GCM", ["-aes-256-gcm", ...rsa]],
  ["RSA v1.5, AES-128-GCM", "AES-128-GCM", ["-aes-128-gcm", ...rsa]],
  ["RSA, subject key identifier", "AES-256-CBC", ["-aes256", "-keyid", ...rsa]],
  ["RSA, indefinite lengths", "AES-256-CBC", ["-aes256", "-stream", ...rsa]],
  ["OAEP with SHA-1", "AES-256-CBC", ["-aes256", ...rsa, "-keyopt", "rsa_padding_mode:oaep"]],
  ["OAEP with SHA-256", "AES-256-GCM", ["-aes-256-gcm", ...rsa, ...oaep("sha256")]],
  ["OAEP with SHA-512", "AES-128-CBC", ["-aes128", ...rsa, ...oaep("sha512")]],
  ["P-256", "AES-128-CBC", ["-aes128", "-recip", "p256.crt"]],
  ["P-256, SHA-256", "AES-256-GCM", ["-aes-256-gcm", "-recip", "p256.crt", "-keyopt", "ecdh_kdf_md:sha256"]],
  ["P-256, 3DES", "3DES-CBC", ["-des3", "-recip", "p256.crt"]],
  ["P-384, SHA-384", "AES-256-CBC", ["-aes256", "-recip", "p384.crt", "-keyopt", "ecdh_kdf_md:sha384"]],
  ["P-384, subject key identifier", "AES-256-CBC", ["-aes256", "-keyid", "-recip", "p384.crt"]],
  ["three recipients", "AES-256-CBC", ["-aes256", "-recip", "stranger.crt", "-recip", "p256.crt", ...rsa]],
];

// The certificates are made after this line, to the second.
const at = (Date.now() + 3_600_000) as Instant;

describe("what openssl cms makes", () => {
  let ssl: OpenSsl;
  let keys: DecryptionKey[];
  let authorities: Buffer[];

  const keyOf = (name: string): DecryptionKey => {
    const { keys: found } = readKeyFile(Buffer.concat([ssl.read(`${name}.key`), ssl.read(`${name}.crt`)]), "");
    return decryptionKey(found[0]!)!;
  };
  const encrypt = (input: Buffer, ...options: string[]) => {
    ssl.write("in", input);
    return ssl.run("cms", "-encrypt", "-binary", "-in", "in", ...options);
  };
  const sign = (input: Buffer, ...options: string[]) => {
    ssl.write("in", input);
    return ssl.run("cms", "-sign", "-binary", "-in", "in", "-signer", "signer.crt", "-inkey", "signer.key", ...options);
  };
  const read = (mail: Buffer, using = keys) => readSmime(mail, readMessage(mail), { keys: using, authorities, at });
  const textOf = (mail: Buffer, using = keys) =>
    read(mail, using)
      ?.entities.map(({ reading }) => reading.text)
      .join("\n") ?? "";

  before(() => {
    ssl = openSsl();
    ssl.certify("rsa", "-newkey", "rsa:2048");
    ssl.certify("signer", "-newkey", "rsa:2048");
    ssl.certify("stranger", "-newkey", "rsa:2048");
    for (const curve of ["256", "384"])
      ssl.certify(`p${curve}`, "-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:P-${curve}`);
    keys = ["rsa", "p256", "p384"].map(keyOf);
    authorities = readCertificates(ssl.read("ca.crt"));
  });
  after(() => ssl.remove());

  test("opens in every combination of key, padding, derivation, cipher and length form", () => {
    for (const [name, cipher, options] of encryptions) {
      const reading = read(encrypt(Buffer.from(plain), ...options));
      assert.equal(reading?.state, "encrypted-decrypted", name);
      assert.equal(reading.algorithm, cipher, name);
      assert.equal(reading.entities[0]?.bytes.toString(), plain, name);
      assert.equal(reading.entities[0].isAuthenticated, cipher.endsWith("GCM"), name);
    }
  });

  test("is read through signatures and envelopes in any order, three deep", () => {
    const inner = Buffer.from(plain);
    const signedThenEncrypted = encrypt(sign(inner, "-nodetach"), "-aes256", ...rsa);
    const encryptedThenSigned = sign(encrypt(inner, "-aes256", ...rsa));
    const triple = sign(signedThenEncrypted, "-nodetach");
    for (const mail of [signedThenEncrypted, encryptedThenSigned, triple]) {
      const reading = read(mail);
      assert.equal(reading?.state, "encrypted-decrypted");
      assert.equal(reading.signature?.state, "signed-ok", reading.signature?.reason);
      assert.match(textOf(mail), /the words that only a key shows/);
    }
  });

  test("is judged with PSS, with elliptic keys, without attributes, and a changed word is noticed", () => {
    const mails = [
      sign(Buffer.from(plain), "-keyopt", "rsa_padding_mode:pss"),
      sign(Buffer.from(plain), "-noattr"),
      sign(Buffer.from(plain), "-md", "sha512", "-nodetach"),
    ];
    ssl.write("in", plain);
    mails.push(ssl.run("cms", "-sign", "-binary", "-in", "in", "-signer", "p256.crt", "-inkey", "p256.key"));
    for (const mail of mails) assert.equal(read(mail)?.signature?.state, "signed-ok", read(mail)?.signature?.reason);
    const changed = Buffer.from(mails[0]!.toString("latin1").replace("only a key", "only a kez"), "latin1");
    assert.equal(read(changed)?.signature?.state, "signed-bad");
  });

  test("a wrong key with the right name gives no octets, a thousand times each", () => {
    const next = seeded(7);
    for (const [name, cipher, options] of encryptions.filter(([name]) => /^RSA v1.5, (3DES|AES-128-CBC)$/.test(name))) {
      const mail = encrypt(Buffer.from(plain), ...options);
      const named = keyOf("rsa");
      const wrong: DecryptionKey = { ...named, privateKey: keyOf("stranger").privateKey };
      assert.equal(read(mail, [wrong])?.state, "encrypted-bad-key", name);
      // Every other body of the RSA object makes OpenSSL answer with another made-up key.
      const text = mail.toString("latin1");
      const head = text.indexOf("\n\n") + 2;
      const der = Buffer.from(text.slice(head), "base64");
      const keyAt = der.indexOf(Buffer.of(0x04, 0x82, 0x01, 0x00)) + 4;
      for (let index = 0; index < 1_000; index += 1) {
        for (let octet = 1; octet < 256; octet += 1) der[keyAt + octet] = Math.floor(next() * 256);
        const forged = Buffer.from(text.slice(0, head) + der.toString("base64"), "latin1");
        const reading = read(forged, [named]);
        assert.equal(reading?.state, "encrypted-bad-key", `${name} ${cipher} ${index}`);
        assert.deepEqual(reading.entities, []);
      }
    }
  });

  test("one who has no key learns the recipients and nothing else", () => {
    const reading = read(encrypt(Buffer.from(plain), "-aes256", "-recip", "stranger.crt"));
    assert.equal(reading?.state, "encrypted-no-key");
    assert.equal(reading.key, null);
    assert.match(JSON.stringify(reading.recipients), /CN=ca/);
    assert.deepEqual(reading.entities, []);
  });
});
