import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isFailure, type PackId, type TenantId } from "#core/index.ts";
import type { KeyRing } from "#keyring/index.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { createFileKeyRing } from "../../src/keyring/file-key-ring.ts";
import { createKeyFile, readKeyFile } from "../../src/keyring/key-file.ts";
import { systemClock } from "../../src/server/system.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";
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
      await assert.rejects(ring.openPackKey(acme, pack, flipped), (error: unknown) => isFailure(error));
    }
    for (const length of [0, 59, wrapped.length - 1])
      await assert.rejects(ring.openPackKey(acme, pack, wrapped.subarray(0, length)), rejectsWith("KEY-VERSION"));
    await assert.rejects(ring.openPackKey("nobody" as TenantId, pack, wrapped), rejectsWith("KEY-MISSING"));
    await assert.rejects(ring.createPackKey("nobody" as TenantId, pack), rejectsWith("KEY-MISSING"));
  });

  test(`${kind}: a new epoch wraps new packs and every old one opens its own, also in another process`, async (context) => {
    const { ring, reopen } = await open(testFolder(context));
    await ring.addTenant(acme);
    await ring.addTenant(other);
    const packs = [await ring.createPackKey(acme, pack)];
    for (const epoch of [2, 3]) {
      assert.equal(await ring.rotate(acme), epoch);
      packs.push(await ring.createPackKey(acme, pack));
    }
    assert.deepEqual(await Promise.all([ring.rotate(other), ring.rotate(other)]), [2, 3]);
    for (const { key, wrapped } of packs)
      for (const one of [ring, await reopen()])
        assert.deepEqual(Buffer.from(await one.openPackKey(acme, pack, wrapped)), Buffer.from(key));
    await assert.rejects(ring.rotate("nobody" as TenantId), rejectsWith("KEY-MISSING"));
  });

  test(`${kind}: a pack of an epoch that the keys do not hold says so`, async (context) => {
    const { ring, reopen } = await open(testFolder(context));
    await ring.addTenant(acme);
    const older = await reopen();
    await ring.rotate(acme);
    const { wrapped } = await ring.createPackKey(acme, pack);
    await assert.rejects(older.openPackKey(acme, pack, wrapped), rejectsWith("KEY-MISSING"));
  });

  test(`${kind}: it tells packs under the newest key from older ones`, async (context) => {
    const { ring } = await open(testFolder(context));
    await ring.addTenant(acme);
    const { wrapped: older } = await ring.createPackKey(acme, pack);
    assert.equal(ring.isNewest(acme, older), true);
    await ring.rotate(acme);
    assert.equal(ring.isNewest(acme, older), false);
    assert.equal(ring.isNewest(acme, (await ring.createPackKey(acme, pack)).wrapped), true);
    assert.throws(() => ring.isNewest("nobody" as TenantId, older), rejectsWith("KEY-MISSING"));
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

  test(`${kind}: a secret is sealed for one tenant and purpose, and opens after a rotation`, async (context) => {
    const { ring, reopen } = await open(testFolder(context));
    await ring.addTenant(acme);
    await ring.addTenant(other);
    const secret = Buffer.from("a password");
    const sealed = await ring.sealSecret(acme, "mailbox", secret);
    assert.equal(Buffer.from(sealed).includes(secret), false);
    assert.notDeepEqual(await ring.sealSecret(acme, "mailbox", secret), sealed);
    await ring.rotate(acme);
    assert.deepEqual(Buffer.from(await (await reopen()).openSecret(acme, "mailbox", sealed)), secret);
    await assert.rejects(ring.openSecret(other, "mailbox", sealed), rejectsWith("KEY-WRONG"));
    await assert.rejects(ring.openSecret(acme, "token", sealed), rejectsWith("KEY-WRONG"));
    const flipped = Buffer.from(sealed);
    flipped[20]! ^= 1;
    await assert.rejects(ring.openSecret(acme, "mailbox", flipped), rejectsWith("KEY-WRONG"));
    await assert.rejects(ring.openSecret(acme, "mailbox", Buffer.alloc(5)), rejectsWith("KEY-WRONG"));
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
    await createKeyFile(disk, path, passphrase, entropy, systemClock.now());
    const reopen = async () => {
      const { keys } = await readKeyFile(disk, path, { kind: "passphrase", passphrase });
      return createFileKeyRing(disk, path, keys, entropy, systemClock);
    };
    return { ring: await reopen(), reopen };
  };
}

keyRingContract("key file", keyFile(createRealDisk, null));
keyRingContract("key file with a passphrase", keyFile(createMemoryDisk, "correct horse battery"));
