import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readCertificate } from "./certificate.ts";

const file = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));

test("a certificate says whose it is and how long it is valid", () => {
  const { subject, sha256, validUntil } = readCertificate(file("first-cert"), file("first-key"));
  assert.equal(subject, "CN=first.archive.test");
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.ok(validUntil > Date.UTC(2100, 0));
});

const wrong: [name: string, chain: Buffer, key: Buffer][] = [
  ["the key of another", file("first-cert"), file("second-key")],
  ["no certificate", Buffer.from("x"), file("first-key")],
  ["no key", file("first-cert"), Buffer.alloc(0)],
  ["a file cut short", file("first-cert").subarray(0, 200), file("first-key")],
];

for (const [name, chain, key] of wrong) {
  test(`a certificate with ${name} cannot be used`, () => {
    assert.throws(() => readCertificate(chain, key), { code: "TLS-CERTIFICATE" });
  });
}
