import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isFailure, type PackId, type TenantId } from "#core/index.ts";
import type { KeyRing } from "#keyring/index.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { openKeyFile } from "../../src/keyring/file-key-ring.ts";
import { createKeyFile } from "../../src/keyring/key-file.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";
import { stream } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";

const rejectsWith = (code: string) => (error: unknown) => isFailure(error, code);
const acme = "acme" as TenantId;
const other = "other" as TenantId;
const pack = "pck_00000000000000000000000001" as PackId;

/** What every KeyRing promises. `reopen` gives the same ring as another process would see it. */
function keyRingContract(
  kind: string,
  open: (folder: string) => Promise<{ ring: KeyRing; reopen: () => Promise<KeyRing> }>,
): void {
  test(`${kind}: keeps a tenant's key, also when it is added again`, async (context) => {
    const { ring, reopen } = await open(testFolder(context));
    await Promise.all([ring.addTenant(other), ring.addTenant(acme), ring.addTenant(acme)]);
    const { key, wrapped } = await ring.createPackKey(acme, pack);
    await ring.addTenant(acme);
    assert.deepEqual((await reopen()).tenants(), [acme, other]);
    assert.deepEqual(Buffer.from(await (await reopen()).openPackKey(acme, pack, wrapped)), Buffer.from(key));
  });

  test(`${kind}: a pack key opens only for its tenant and its pack, whole`, async (context) => {
    const { ring } = await open(testFolder(context));
    await ring.addTenant(acme);
    await ring.addTenant(other);
    const { key, wrapped } = await ring.createPackKey(acme, pack);
    assert.equal(key.length, 32);
    await assert.rejects(ring.openPackKey(other, pack, wrapped), rejectsWith("KEY-WRONG"));
    await assert.rejects(ring.openPackKey(acme, "pck_x" as PackId, wrapped), rejectsWith("KEY-WRONG"));
    for (let at = 0; at < wrapped.length; at += 1) {
      const flipped = Buffer.from(wrapped);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await assert.rejects(ring.openPackKey(acme, pack, flipped), rejectsWith("KEY-WRONG"));
    }
    await assert.rejects(ring.openPackKey("nobody" as TenantId, pack, wrapped), rejectsWith("KEY-MISSING"));
    await assert.rejects(ring.createPackKey("nobody" as TenantId, pack), rejectsWith("KEY-MISSING"));
  });

  test(`${kind}: no two packs have the same key`, async (context) => {
    const { ring } = await open(testFolder(context));
    await ring.addTenant(acme);
    const keys = await Promise.all([1, 2, 3].map(() => ring.createPackKey(acme, pack)));
    assert.equal(new Set(keys.map(({ key }) => Buffer.from(key).toString("hex"))).size, 3);
  });

  test(`${kind}: the part key depends on the tenant alone, and is no other key`, async (context) => {
    const { ring, reopen } = await open(testFolder(context));
    await ring.addTenant(acme);
    await ring.addTenant(other);
    const key = Buffer.from(await ring.partKey(acme));
    assert.equal(key.length, 32);
    assert.deepEqual(Buffer.from(await (await reopen()).partKey(acme)), key);
    assert.notDeepEqual(Buffer.from(await ring.partKey(other)), key);
    assert.notDeepEqual(Buffer.from(await ring.spoolKey(Buffer.alloc(16))), key);
    await assert.rejects(ring.partKey("nobody" as TenantId), rejectsWith("KEY-MISSING"));
  });

  test(`${kind}: the spool key depends on the salt alone`, async (context) => {
    const { ring, reopen } = await open(testFolder(context));
    const one = Buffer.from(await ring.spoolKey(Buffer.alloc(16, 1)));
    assert.deepEqual(Buffer.from(await (await reopen()).spoolKey(Buffer.alloc(16, 1))), one);
    assert.notDeepEqual(Buffer.from(await ring.spoolKey(Buffer.alloc(16, 2))), one);
  });

  test(`${kind}: fingerprints differ by purpose and text, and are the same in another process`, async (context) => {
    const { ring, reopen } = await open(testFolder(context));
    assert.equal((await reopen()).fingerprint("token", "a"), ring.fingerprint("token", "a"));
    const prints = [ring.fingerprint("token", "a"), ring.fingerprint("claim", "a"), ring.fingerprint("token", "b")];
    assert.equal(new Set(prints).size, 3);
  });
}

function keyFile(createDisk: typeof createMemoryDisk, passphrase: string | null) {
  return async (folder: string) => {
    const disk = createDisk();
    const path = join(folder, "keys", "keyring.json");
    const entropy = createSimEntropy(folder.length);
    await createKeyFile(disk, path, passphrase, entropy);
    const reopen = () => openKeyFile(disk, path, passphrase, entropy);
    return { ring: await reopen(), reopen };
  };
}

keyRingContract("key file", keyFile(createRealDisk, null));
keyRingContract("key file with a passphrase", keyFile(createMemoryDisk, "correct horse battery"));

test("a protected key file does not open without its passphrase and holds no key in clear", async () => {
  const disk = createMemoryDisk();
  const secrets: string[] = [];
  const entropy = createSimEntropy(5);
  const watched = {
    bytes: (count: number) => {
      const bytes = entropy.bytes(count);
      if (count === 32) secrets.push(bytes.toString("base64"));
      return bytes;
    },
  };
  await createKeyFile(disk, "/k", "correct horse battery", watched);
  await assert.rejects(openKeyFile(disk, "/k", null, watched), rejectsWith("KEY-WRONG"));
  await assert.rejects(openKeyFile(disk, "/k", "wrong", watched), rejectsWith("KEY-WRONG"));
  const ring = await openKeyFile(disk, "/k", "correct horse battery", watched);
  await ring.addTenant(acme);
  const text = Buffer.from(await disk.read("/k")).toString();
  assert.equal(secrets.length, 3);
  for (const secret of secrets) assert.equal(text.includes(secret), false);
});

test("a key file that is damaged, foreign or newer says so and is left as it is", async () => {
  const disk = createMemoryDisk();
  const entropy = createSimEntropy(6);
  for (const [text, code] of [
    ["{", "KEY-DAMAGED"],
    ['{"format":"else"}', "KEY-DAMAGED"],
    ['{"format":"muniment-keys","v":2}', "KEY-VERSION"],
  ] as const) {
    await disk.replace("/k", stream(text));
    await assert.rejects(openKeyFile(disk, "/k", null, entropy), rejectsWith(code));
    assert.equal(String(await disk.read("/k")), text);
  }
});
