import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { stream } from "../../test/support/bytes.ts";
import { memoryKeyFile, someTime } from "../../test/support/key-file.ts";
import { withKit, withKitTested, withNewRoot, withPassphrase } from "./key-changes.ts";
import { changeKeyFile, createKeyFile, readKeyFile } from "./key-file.ts";
import { encodeKeyFile, haveSameSecrets, type KeyAccess, type KeyFileContent } from "./key-file-content.ts";
import type { KeyFileText } from "./key-file-text.ts";

const rejectsWith = (code: string) => (error: unknown) => isFailure(error, code);
const word = (passphrase: string | null): KeyAccess => ({ kind: "passphrase", passphrase });

/** Everything that a root key seals. */
function sealedBy(keys: KeyFileContent): unknown[] {
  return [keys.spool, keys.fingerprints, [...keys.tenants]];
}

test("a protected key file holds none of its secrets in clear, and opens by passphrase, kit or root key alone", async () => {
  const { disk, path, keys, kit } = await memoryKeyFile("correct horse battery", 5);
  const text = Buffer.from(await disk.read(path)).toString();
  const secrets = [keys.root.key, keys.spool, keys.fingerprints, kit];
  for (const epochs of keys.tenants.values()) secrets.push(...epochs.map(({ key }) => key));
  assert.equal(secrets.length, 8);
  for (const secret of secrets) assert.equal(text.includes(secret.toString("base64")), false);
  assert.equal(text.includes("horse"), false);
  await assert.rejects(readKeyFile(disk, path, word(null)), rejectsWith("PASSPHRASE-WRONG"));
  await assert.rejects(readKeyFile(disk, path, word("wrong")), rejectsWith("PASSPHRASE-WRONG"));
  await assert.rejects(readKeyFile(disk, path, { kind: "kit", secret: Buffer.alloc(32, 1) }), rejectsWith("KIT-WRONG"));
  await assert.rejects(
    readKeyFile(disk, path, { kind: "root", root: Buffer.alloc(32, 1) }),
    rejectsWith("KEY-DAMAGED"),
  );
  const ways: KeyAccess[] = [
    word("correct horse battery"),
    { kind: "kit", secret: kit },
    { kind: "root", root: keys.root.key },
  ];
  for (const way of ways) assert.deepEqual((await readKeyFile(disk, path, way)).keys, keys);
});

test("a kit for a key file that has none says so", async () => {
  const { disk, entropy } = await memoryKeyFile(null, 6);
  await createKeyFile(disk, "/fresh", null, entropy, someTime);
  await assert.rejects(
    readKeyFile(disk, "/fresh", { kind: "kit", secret: Buffer.alloc(32, 1) }),
    rejectsWith("KIT-MISSING"),
  );
});

test("a new root key seals the same secrets: the old root opens nothing, passphrase and printed kit go on", async () => {
  const { disk, path, keys, kit, entropy } = await memoryKeyFile("secret", 7);
  const tested = withKitTested(keys, someTime);
  const next = await withNewRoot(tested, "secret", entropy, someTime);
  await changeKeyFile(disk, path, word("secret"), entropy, async () => ({ keys: next, proofs: [word("secret")] }));
  assert.notDeepEqual(next.root.key, keys.root.key);
  assert.equal(next.root.epoch, keys.root.epoch + 1);
  for (const way of [word("secret"), { kind: "kit", secret: kit } as const]) {
    const { keys: opened } = await readKeyFile(disk, path, way);
    assert.deepEqual(opened.root.key, next.root.key);
    assert.deepEqual(sealedBy(opened), sealedBy(keys));
    assert.equal(opened.recovery?.testedAt, null, "a seal that no kit has opened yet is not called tested");
  }
  await assert.rejects(readKeyFile(disk, path, { kind: "root", root: keys.root.key }), rejectsWith("KEY-DAMAGED"));
});

test("a passphrase is set, changed and removed, and only the last one opens", async () => {
  const { disk, path, keys, entropy } = await memoryKeyFile(null, 8);
  let now: string | null = null;
  for (const next of ["first", "second", null]) {
    await changeKeyFile(disk, path, word(now), entropy, async (old) => ({
      keys: await withPassphrase(old, next, entropy),
      proofs: [word(next)],
    }));
    assert.ok(haveSameSecrets((await readKeyFile(disk, path, word(next))).keys, keys));
    if (next !== null) await assert.rejects(readKeyFile(disk, path, word(now)), rejectsWith("PASSPHRASE-WRONG"));
    now = next;
  }
});

test("a new kit makes the one before worthless", async () => {
  const { disk, path, kit, entropy } = await memoryKeyFile(null, 9);
  let secret: Buffer = Buffer.alloc(0);
  await changeKeyFile(disk, path, word(null), entropy, async (old) => {
    const made = withKit(old, entropy, someTime);
    secret = made.secret;
    return { keys: made.keys, proofs: [{ kind: "kit", secret }] };
  });
  await readKeyFile(disk, path, { kind: "kit", secret });
  await assert.rejects(readKeyFile(disk, path, { kind: "kit", secret: kit }), rejectsWith("KIT-WRONG"));
});

test("whatever is changed in the file by hand is noticed, and the file is left as it is", async () => {
  const { disk, path } = await memoryKeyFile(null, 10);
  const whole = Buffer.from(await disk.read(path)).toString();
  const edit = (change: (text: KeyFileText) => object) => JSON.stringify(change(JSON.parse(whole) as KeyFileText));
  const acmes = (text: KeyFileText) => text.tenants.acme ?? [];
  const edits: [string, string][] = [
    ["{", "KEY-DAMAGED"],
    ["[]", "KEY-DAMAGED"],
    ['{"format":"else"}', "KEY-DAMAGED"],
    ['{"format":"muniment-keys","v":3}', "KEY-VERSION"],
    ['{"format":"muniment-keys","v":1}', "KEY-DAMAGED"],
    [edit(({ mac: _, ...text }) => text), "KEY-DAMAGED"],
    [edit(({ recovery: _, ...text }) => text), "KEY-DAMAGED"],
    [edit((text) => ({ ...text, tenants: { ...text.tenants, acme: acmes(text).slice(0, -1) } })), "KEY-DAMAGED"],
    [edit((text) => ({ ...text, tenants: { ...text.tenants, acme: acmes(text).slice(1) } })), "KEY-DAMAGED"],
    [edit((text) => ({ ...text, tenants: { acme: acmes(text) } })), "KEY-DAMAGED"],
    [edit((text) => ({ ...text, recovery: null })), "KEY-DAMAGED"],
    [edit((text) => ({ ...text, spool: "AAAA" })), "KEY-DAMAGED"],
    [whole.slice(0, whole.length / 2), "KEY-DAMAGED"],
  ];
  for (const [text, code] of edits) {
    await disk.replace(path, stream(text));
    await assert.rejects(readKeyFile(disk, path, word(null)), rejectsWith(code), text);
    assert.equal(String(await disk.read(path)), text);
  }
  await disk.replace(path, stream(JSON.stringify(JSON.parse(whole))));
  await readKeyFile(disk, path, word(null));
});

test("a new file that reads back as something else is taken back, and the old one goes on", async () => {
  const { disk, path, keys, entropy } = await memoryKeyFile(null, 11);
  const before = Buffer.from(await disk.read(path));
  let lies = 1;
  const lying = {
    ...disk,
    read: async (name: string) => {
      const bytes = Buffer.from(await disk.read(name));
      if (name === path && !bytes.equals(before) && lies-- > 0) bytes[bytes.length - 9] = bytes[bytes.length - 9]! ^ 1;
      return bytes;
    },
  };
  const change = async (old: KeyFileContent) => ({ keys: withKitTested(old, someTime), proofs: [] });
  await assert.rejects(changeKeyFile(lying, path, word(null), entropy, change), rejectsWith("KEY-UNPROVED"));
  assert.deepEqual(Buffer.from(await disk.read(path)), before);
  assert.deepEqual(await disk.list("/keys"), ["keyring.json"]);
  assert.ok(haveSameSecrets((await readKeyFile(disk, path, word(null))).keys, keys));
});

test("a change whose proof does not open is taken back", async () => {
  const { disk, path, entropy } = await memoryKeyFile(null, 12);
  const before = Buffer.from(await disk.read(path));
  const change = async (old: KeyFileContent) => ({
    keys: old,
    proofs: [{ kind: "kit", secret: Buffer.alloc(32) } as const],
  });
  await assert.rejects(changeKeyFile(disk, path, word(null), entropy, change), rejectsWith("KEY-UNPROVED"));
  assert.deepEqual(Buffer.from(await disk.read(path)), before);
});

test("encoding never repeats a nonce: the same keys give other seals each time", async () => {
  const { keys, entropy } = await memoryKeyFile(null, 13);
  const seals = [1, 2, 3].map(() => JSON.parse(encodeKeyFile(keys, entropy).toString()).spool as string);
  assert.equal(new Set(seals.map((seal) => seal.slice(0, 16))).size, 3);
});
