import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ConnectorId, type Instant, isFailure, type ReceiptId, type Sha256, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import type { UidlMemory, UidlRecord } from "#pop3/index.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { createFileUidls } from "../../src/pop3/file-uidls.ts";
import { createMemoryUidls } from "../../src/pop3/memory-uidls.ts";
import { stream } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";

const acme = "acme" as TenantId;
const other = "other" as TenantId;
const con = "con_1" as ConnectorId;
const con2 = "con_2" as ConnectorId;

function seen(key: string, at = 1): UidlRecord {
  return { key, state: { kind: "seen" }, firstSeenAt: at as Instant, changedAt: at as Instant };
}

function spooled(key: string): UidlRecord {
  const digest = "ab".repeat(32) as Sha256;
  const capture = {
    receipt: "rcp_1" as ReceiptId,
    sourceKey: "key",
    sha256: digest,
    bytes: 7,
    headSha256: digest,
    listBytes: null,
    takenAt: 3 as Instant,
  };
  return { ...seen(key), state: { kind: "spooled", capture } };
}

const tableOf = async (memory: UidlMemory, tenant = acme, connector = con) =>
  (await memory.mailbox(tenant, connector)).table;

const keysOf = async (memory: UidlMemory, tenant = acme, connector = con) =>
  [...(await tableOf(memory, tenant, connector)).keys()].sort();

interface Change {
  records: readonly UidlRecord[];
  forgotten: readonly string[];
}

/** Changes the records of a mailbox, and has that remembered. */
async function change(memory: UidlMemory, { records, forgotten }: Change, tenant = acme, connector = con) {
  const mailbox = await memory.mailbox(tenant, connector);
  for (const record of records) mailbox.table.put(record);
  for (const key of forgotten) mailbox.table.delete(key);
  await mailbox.remember([...records.map(({ key }) => key), ...forgotten]);
}

/** What every UidlMemory promises. `reopen` gives the memory as another process would see it; null where it does not last. */
function uidlMemoryContract(
  kind: string,
  open: (context: TestContext) => { memory: UidlMemory; reopen: (() => UidlMemory) | null },
): void {
  test(`${kind}: gives back what it was told, each connector's apart`, async (context) => {
    const { memory, reopen } = open(context);
    assert.deepEqual(await keysOf(memory), []);
    await change(memory, { records: [seen("u:a"), spooled("u:b"), seen("u:c")], forgotten: [] });
    await change(memory, { records: [seen("u:x")], forgotten: [] }, acme, con2);
    await change(memory, { records: [seen("u:y")], forgotten: [] }, other);
    await change(memory, { records: [seen("u:a", 9)], forgotten: ["u:c", "u:never"] });
    await change(memory, { records: [], forgotten: [] });
    for (const one of [memory, ...(reopen === null ? [] : [reopen()])]) {
      const table = await tableOf(one);
      assert.deepEqual(
        [await keysOf(one), table.get("u:a"), table.get("u:b")],
        [["u:a", "u:b"], seen("u:a", 9), spooled("u:b")],
      );
      assert.deepEqual([await keysOf(one, acme, con2), await keysOf(one, other)], [["u:x"], ["u:y"]]);
      await one.close();
    }
  });

  test(`${kind}: whoever has the records of a mailbox sees each change at once`, async (context) => {
    const { memory } = open(context);
    const [one, another] = [await memory.mailbox(acme, con), await memory.mailbox(acme, con)];
    one.table.put(seen("u:a"));
    assert.equal(another.table.get("u:a")?.changedAt, 1);
    await memory.close();
  });

  test(`${kind}: takes many changes at once, in order`, async (context) => {
    const { memory, reopen } = open(context);
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => change(memory, { records: [seen("u:a", at)], forgotten: [`u:${at}`] })),
    );
    assert.equal((await tableOf(reopen?.() ?? memory)).get("u:a")?.changedAt, 49);
    await memory.close();
  });
}

uidlMemoryContract("memory", () => ({ memory: createMemoryUidls(), reopen: null }));
uidlMemoryContract("files on the memory disk", () => {
  const disk = createMemoryDisk();
  return { memory: createFileUidls(disk, "/m"), reopen: () => createFileUidls(disk, "/m") };
});
uidlMemoryContract("files on the real disk", (context) => {
  const folder = testFolder(context);
  return { memory: createFileUidls(createRealDisk(), folder), reopen: () => createFileUidls(createRealDisk(), folder) };
});

const folderOf = (root: string) => join(root, acme, con);

async function bytesOf(disk: Disk, root: string): Promise<{ path: string; bytes: Buffer }> {
  const names = await disk.list(folderOf(root));
  assert.equal(names.length, 1);
  const path = join(folderOf(root), names[0]!);
  return { path, bytes: Buffer.from(await disk.read(path)) };
}

test("files: cut at any octet or spoilt at any octet, the memory is as it was after one of the changes", async () => {
  const disk = createMemoryDisk();
  const memory = createFileUidls(disk, "/m");
  const states: string[] = ["[]"];
  for (let at = 0; at < 4; at += 1) {
    await change(memory, { records: [seen(`u:${at}`), seen(`u:${at}'`)], forgotten: [`u:${at - 1}`] });
    states.push(JSON.stringify(await keysOf(memory)));
  }
  await memory.close();
  const { path, bytes } = await bytesOf(disk, "/m");
  let last = 0;
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const torn = createMemoryDisk();
    await torn.create(path, stream(bytes.subarray(0, cut)));
    const found = states.indexOf(JSON.stringify(await keysOf(createFileUidls(torn, "/m"))));
    assert.ok(found >= last, `cut at ${cut}: a state it had, never an older one with more octets`);
    last = found;
    const spoilt = createMemoryDisk();
    const flipped = Buffer.from(bytes);
    if (cut < bytes.length) flipped[cut]! ^= 1;
    await spoilt.create(path, stream(flipped));
    assert.ok(states.includes(JSON.stringify(await keysOf(createFileUidls(spoilt, "/m")))), `spoilt at ${cut}`);
  }
  assert.equal(last, 4);
});

test("files: a file that was begun and not finished counts for nothing, and its name is not used again", async () => {
  const disk = createMemoryDisk();
  const first = createFileUidls(disk, "/m");
  await change(first, { records: [seen("u:a")], forgotten: [] });
  await first.close();
  const { bytes } = await bytesOf(disk, "/m");
  await disk.create(join(folderOf("/m"), "records-7.jsonl"), stream(bytes.subarray(0, bytes.indexOf("\n") + 1)));
  const second = createFileUidls(disk, "/m");
  await change(second, { records: [seen("u:b")], forgotten: [] });
  assert.deepEqual(await disk.list(folderOf("/m")), ["records-8.jsonl"]);
  assert.deepEqual(await keysOf(createFileUidls(disk, "/m")), ["u:a", "u:b"]);
});

test("files: a failed sync is not believed, and the next change is kept with all that came before", async () => {
  const inner = createMemoryDisk();
  let fails = false;
  const disk: Disk = {
    ...inner,
    openSegment: async (path) => {
      const segment = await inner.openSegment(path);
      const sync = async () => {
        if (fails) throw new Error("EIO");
        await segment.sync();
      };
      return {
        append: (pieces) => segment.append(pieces),
        appendDurably: async (pieces) => {
          const start = await segment.append(pieces);
          await sync();
          return start;
        },
        close: () => segment.close(),
        sync,
        get bytes() {
          return segment.bytes;
        },
      };
    },
  };
  const memory = createFileUidls(disk, "/m");
  await change(memory, { records: [seen("u:a")], forgotten: [] });
  fails = true;
  await assert.rejects(change(memory, { records: [seen("u:b")], forgotten: [] }));
  fails = false;
  await change(memory, { records: [seen("u:c")], forgotten: [] });
  // The change of which it was not told that it is durable may be in it or not; those it was told of are.
  const found = await keysOf(createFileUidls(inner, "/m"));
  assert.deepEqual([found.includes("u:a"), found.includes("u:c")], [true, true]);
});

test("files: many changes do not grow a file for ever", async () => {
  const disk = createMemoryDisk();
  const memory = createFileUidls(disk, "/m");
  const many = Array.from({ length: 2_000 }, (_, at) => spooled(`u:${at}`));
  for (let round = 0; round < 12; round += 1) await change(memory, { records: many, forgotten: [] });
  const { bytes } = await bytesOf(disk, "/m");
  const one = JSON.stringify(many).length;
  assert.ok(bytes.length < 6 * one, `${bytes.length} octets for ${one}`);
  assert.equal((await tableOf(createFileUidls(disk, "/m"))).size, 2_000);
});

test("files: another version is left as it is", async () => {
  const disk = createMemoryDisk();
  const memory = createFileUidls(disk, "/m");
  await change(memory, { records: [seen("u:a")], forgotten: [] });
  const { path } = await bytesOf(disk, "/m");
  const json = JSON.stringify({ format: "muniment-uidls", v: 2, number: 1 });
  const line = `${createHash("sha256").update(json).digest("hex").slice(0, 16)} ${json}\n`;
  await disk.replace(path, stream(line));
  const reopened = createFileUidls(disk, "/m");
  await assert.rejects(reopened.mailbox(acme, con), (error) => isFailure(error, "UIDLS-VERSION"));
  const more = { records: [seen("u:b")], forgotten: [] };
  await assert.rejects(change(reopened, more), (error) => isFailure(error, "UIDLS-VERSION"));
  assert.equal((await disk.read(path)).length, line.length);
});
