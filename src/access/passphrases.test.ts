import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { createCountingEntropy } from "../../test/api/kit.ts";
import { checkPassphrase, createPassphrases, passphraseBytesMax } from "./passphrases.ts";

const cheap = { memory: 8, passes: 1, parallelism: 1 };
const passphrases = createPassphrases(createCountingEntropy(), cheap);

test("a hash opens with its passphrase only", async () => {
  const hash = await passphrases.hash("correct horse battery");
  assert.equal(await passphrases.verify("correct horse battery", hash), true);
  assert.equal(await passphrases.verify("correct horse batterz", hash), false);
});

test("the same passphrase never has the same hash twice", async () => {
  assert.notEqual(await passphrases.hash("correct horse battery"), await passphrases.hash("correct horse battery"));
});

test("a hash made at other costs still opens", async () => {
  const dearer = createPassphrases(createCountingEntropy(), { memory: 16, passes: 2, parallelism: 1 });
  assert.equal(await passphrases.verify("correct horse battery", await dearer.hash("correct horse battery")), true);
});

test("composed and decomposed accents are the same passphrase", async () => {
  assert.equal(await passphrases.verify("cafe\u0301 au lait !", await passphrases.hash("caf\u00e9 au lait !")), true);
});

test("the real costs are at least 19 MiB and two passes, and stand in the hash", async () => {
  const hash = await createPassphrases(createCountingEntropy()).hash("correct horse battery");
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
});

test("nothing opens the decoy, which looks like a hash", async () => {
  assert.equal(passphrases.decoy().split("$").length, (await passphrases.hash("x")).split("$").length);
  assert.equal(await passphrases.verify("", passphrases.decoy()), false);
});

test("a passphrase too long to have been taken is never right", async () => {
  const long = "x".repeat(passphraseBytesMax + 1);
  assert.equal(await passphrases.verify(long, await passphrases.hash(long)), false);
});

const lengths: [string, string, string | null][] = [
  ["11 characters", "x".repeat(11), "PASSPHRASE-SHORT"],
  ["12 characters", "x".repeat(12), null],
  ["11 characters of two code units each", "😀".repeat(11), "PASSPHRASE-SHORT"],
  ["1,024 bytes", "x".repeat(1024), null],
  ["1,025 bytes", "x".repeat(1025), "PASSPHRASE-LONG"],
];
for (const [name, passphrase, code] of lengths) {
  test(`a passphrase of ${name} is ${code === null ? "taken" : "refused"}`, () => {
    if (code === null) checkPassphrase(passphrase);
    else
      assert.throws(
        () => checkPassphrase(passphrase),
        (error) => isFailure(error, code),
      );
  });
}
