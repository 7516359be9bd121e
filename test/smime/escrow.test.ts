import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Instant, TenantId } from "#core/index.ts";
import { createEscrow, type SecretSealer } from "#escrow/index.ts";
import { readCertificates, readKeyFile } from "#smime/index.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";

const corpus = join(import.meta.dirname, "../../../shared/corpus/smime-thunderbird");
const bob = readKeyFile(readFileSync(join(corpus, "Bob.p12")), "nss");
const alice = readKeyFile(readFileSync(join(corpus, "Alice.p12")), "nss");
const authorities = readCertificates(readFileSync(join(corpus, "TestCA.pem")));
const acme = "acme" as TenantId;
const other = "other" as TenantId;

/** Binds to tenant and context, and hides: what a key ring does, without its keys. */
const sealer: SecretSealer = {
  seal: async (tenant, context, secret) =>
    Buffer.from(JSON.stringify([tenant, context, Buffer.from(secret).toString("hex")])).map((octet) => octet ^ 0x55),
  open: async (tenant, context, sealed) => {
    const [of, what, hex] = JSON.parse(Buffer.from(sealed.map((octet) => octet ^ 0x55)).toString()) as string[];
    assert.deepEqual([of, what], [tenant, context]);
    return Buffer.from(hex!, "hex");
  },
};

function escrowOn(disk = createMemoryDisk()) {
  const clock = { now: () => 5 as Instant };
  return { disk, escrow: createEscrow({ disk, directory: "/keys/escrow", sealer, clock }) };
}

test("keys and authorities come back as they were given, and again for another user of the folder", async () => {
  const { disk, escrow } = escrowOn();
  const added = await escrow.add(acme, bob);
  assert.deepEqual(
    added.map(({ kind, facts }) => [kind, facts.serial]),
    [["key", "28"]],
  );
  await escrow.trust(acme, authorities);
  const { escrow: later } = escrowOn(disk);
  const opening = await later.opening(acme);
  assert.deepEqual(opening.keys, bob.keys);
  assert.deepEqual(opening.authorities, authorities);
  assert.deepEqual(
    (await later.list(acme)).map(({ kind }) => kind),
    ["key", "authority"],
  );
});

test("adding again adds nothing, and two at once are both there", async () => {
  const { escrow } = escrowOn();
  await Promise.all([escrow.add(acme, bob), escrow.add(acme, alice), escrow.add(acme, bob)]);
  assert.equal((await escrow.list(acme)).length, 2);
  assert.equal((await escrow.add(acme, bob)).length, 1);
});

test("one tenant's keys are no other's", async () => {
  const { escrow } = escrowOn();
  await escrow.add(acme, bob);
  assert.deepEqual(await escrow.opening(other), { keys: [], authorities: [] });
});

test("no private key stands in the file, and a chain that came along is not trusted", async () => {
  const { disk, escrow } = escrowOn();
  await escrow.add(acme, bob);
  const file = Buffer.from(await disk.read("/keys/escrow/acme.json"));
  const { privateKey } = bob.keys[0]!;
  for (const form of [
    privateKey,
    Buffer.from(privateKey.toString("base64")),
    Buffer.from(privateKey.toString("hex")),
  ]) {
    assert.equal(file.includes(form), false);
  }
  assert.deepEqual((await escrow.opening(acme)).authorities, []);
});

test("a damaged or newer file is refused, and left as it is", async () => {
  for (const [text, code] of [
    ["{", "ESCROW-DAMAGED"],
    ['{"format":"muniment-escrow","version":2,"entries":[]}', "ESCROW-VERSION"],
    ['{"format":"muniment-escrow","version":1,"entries":[{"kind":"key"}]}', "ESCROW-DAMAGED"],
  ] as const) {
    const { disk, escrow } = escrowOn();
    await disk.create(
      "/keys/escrow/acme.json",
      (async function* () {
        yield Buffer.from(text);
      })(),
    );
    await assert.rejects(escrow.add(acme, bob), { code });
    assert.equal(Buffer.from(await disk.read("/keys/escrow/acme.json")).toString(), text);
  }
});
