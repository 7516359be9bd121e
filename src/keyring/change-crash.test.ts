import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, isFailure } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { createSimEntropy } from "../../test/sim/sim-entropy.ts";
import { acme, memoryKeyFile, someTime } from "../../test/support/key-file.ts";
import { withEpoch, withKit, withNewRoot, withPassphrase } from "./key-changes.ts";
import { changeKeyFile, type OpenKeyFile, readKeyFile, settleKeyFile } from "./key-file.ts";
import { haveSameSecrets, type KeyFileContent } from "./key-file-content.ts";

/** How a step ends: never done, done and never told (the process is gone in both), or failed while the process goes on. */
const endings = ["dead before", "dead after", "fails"] as const;
type Ending = (typeof endings)[number];

/** A disk whose `last`th step ends so; counts the steps that were asked for. */
function endingDisk(disk: Disk, last: number, ending: Ending): { disk: Disk; steps: () => number } {
  let steps = 0;
  async function step<T>(work: () => Promise<T>): Promise<T> {
    steps += 1;
    const isLast = steps === last;
    if (isLast && ending === "dead after") await work();
    if (isLast || (steps > last && ending !== "fails"))
      throw new Failure("DISK-FAULT", "later", `step ${steps} failed`);
    return work();
  }
  const counted: Disk = {
    ...disk,
    create: (path, body) => step(() => disk.create(path, body)),
    replace: (path, body) => step(() => disk.replace(path, body)),
    read: (path, range) => step(() => disk.read(path, range)),
    size: (path) => step(() => disk.size(path)),
    remove: (path) => step(() => disk.remove(path)),
  };
  return { disk: counted, steps: () => steps };
}

const changes: [string, (old: KeyFileContent) => Promise<KeyFileContent>][] = [
  ["an epoch", async (old) => withEpoch(old, acme, createSimEntropy(1), someTime)],
  ["a root key", (old) => withNewRoot(old, null, createSimEntropy(2), someTime)],
  ["a passphrase", (old) => withPassphrase(old, "a passphrase", createSimEntropy(3))],
  ["a kit", async (old) => withKit(old, createSimEntropy(4), someTime).keys],
];

/** The file as the first of these keys opens it. */
async function openedBy(disk: Disk, path: string, ...candidates: KeyFileContent[]): Promise<OpenKeyFile> {
  for (const { root } of candidates) {
    try {
      return await readKeyFile(disk, path, { kind: "root", root: root.key });
    } catch (error) {
      if (!isFailure(error, "KEY-DAMAGED")) throw error;
    }
  }
  return assert.fail("neither the old nor the new root key opens the file");
}

for (const [what, make] of changes)
  test(`a change of ${what} that is cut short at any step leaves the old or the new keys, whole, and one file`, async () => {
    let steps = 0;
    let cuts = 0;
    const seen = { old: 0, new: 0 };
    const made = await make((await memoryKeyFile(null, 20)).keys);
    for (const ending of endings)
      for (let last = 1; ; last += 1) {
        const { disk, path, keys: old, entropy } = await memoryKeyFile(null, 20);
        const ended = endingDisk(disk, last, ending);
        const change = (on: Disk) =>
          changeKeyFile(on, path, { kind: "root", root: old.root.key }, entropy, async () => ({
            keys: made,
            proofs: [],
          }));
        const isDone = await change(ended.disk).then(
          () => true,
          (error: unknown) => {
            assert.ok(isFailure(error), String(error));
            return false;
          },
        );
        const { keys, from } = await openedBy(disk, path, made, old);
        const facts = (one: KeyFileContent) => [one.protection.kind, one.recovery?.kit];
        const isNew = haveSameSecrets(keys, made) && String(facts(keys)) === String(facts(made));
        assert.ok(isNew || (haveSameSecrets(keys, old) && String(facts(keys)) === String(facts(old))));
        assert.ok(isNew || !isDone, "what was told to be done is done");
        seen[isNew ? "new" : "old"] += 1;
        await settleKeyFile(disk, path, from);
        assert.deepEqual(await disk.list("/keys"), ["keyring.json"]);
        assert.ok(haveSameSecrets((await openedBy(disk, path, keys)).keys, keys));
        if (ended.steps() < last) {
          steps = ended.steps();
          break;
        }
        cuts += 1;
      }
    assert.ok(steps >= 7 && cuts >= 3 * steps, `${steps} steps, ${cuts} cuts`);
    assert.ok(seen.old > 0 && seen.new > 3);
  });

test("after a failed step the same change, made again, succeeds", async () => {
  for (let last = 1; last <= 9; last += 1) {
    const { disk, path, keys: old, entropy } = await memoryKeyFile(null, 21);
    const change = (on: Disk) =>
      changeKeyFile(on, path, { kind: "root", root: old.root.key }, entropy, async (found) => ({
        keys: withEpoch(found, acme, entropy, someTime),
        proofs: [],
      }));
    await change(endingDisk(disk, last, "fails").disk).catch(() => undefined);
    const epochs = (await change(disk)).tenants.get(acme)?.length ?? 0;
    assert.ok(epochs === 4 || epochs === 5, `${epochs} epochs`);
    assert.deepEqual(await disk.list("/keys"), ["keyring.json"]);
  }
});

test("a half-written file in its place gives way to the one before, and a leftover of a finished change goes", async () => {
  const { disk, path, keys, entropy } = await memoryKeyFile(null, 22);
  const whole = Buffer.from(await disk.read(path));
  const put = (name: string, bytes: Uint8Array) =>
    disk.replace(
      name,
      (async function* () {
        yield bytes;
      })(),
    );
  await put(`${path}.previous`, whole);
  await put(path, whole.subarray(0, 100));
  const opened = await readKeyFile(disk, path, { kind: "passphrase", passphrase: null });
  assert.equal(opened.from, "previous");
  assert.equal((await disk.read(path)).length, 100, "opening writes nothing");
  await settleKeyFile(disk, path, opened.from);
  assert.deepEqual(Buffer.from(await disk.read(path)), whole);
  await put(`${path}.previous`, Buffer.from("an older one"));
  const root = { kind: "root", root: keys.root.key } as const;
  await changeKeyFile(disk, path, root, entropy, async (old) => ({ keys: old, proofs: [] }));
  assert.deepEqual(await disk.list("/keys"), ["keyring.json"]);
});
