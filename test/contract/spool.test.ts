import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConnectorId, type Instant, isFailure, KiB, MiB, type ReceiptId, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { type Arrival, readSpooled, recoverSpool, type Spool, type SpooledItem } from "#spool/index.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { openFileSpool } from "../../src/spool/file-spool.ts";
import { createSimClock } from "../sim/sim-clock.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";
import { collect, seeded, seededBytes, sha256, stream } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";

const spoolKey = async (salt: Uint8Array) => Buffer.concat([salt, salt]);

function arrivalOf(name: string): Arrival {
  return {
    receipt: `rcp_${name}` as ReceiptId,
    destination: { tenant: "main" as TenantId, connector: "con_1" as ConnectorId, type: "eej", maxAgeDays: null },
    hop: {
      transport: "smtp",
      peer: null,
      helo: null,
      tls: null,
      mailFrom: "",
      rcptTo: ["j@x"],
      uidl: null,
      begunAt: 1 as Instant,
    },
    sourceKey: null,
    receivedAt: 2 as Instant,
  };
}

interface Bench {
  disk: Disk;
  directory: string;
  open(seed: number): Promise<Spool>;
}

function spoolContract(kind: string, createDisk: () => Disk): void {
  const check = (claim: string, body: (bench: Bench) => Promise<void>) =>
    test(`${kind}: ${claim}`, async (context) => {
      const disk = createDisk();
      const directory = testFolder(context);
      const open = (seed: number) =>
        openFileSpool({
          disk,
          directory,
          clock: createSimClock(0 as Instant),
          entropy: createSimEntropy(seed),
          spoolKey,
          bounds: { bytesMax: 1e12, freeBytesMin: 0, reserveBytes: 0, segmentBytesMax: 4 * MiB },
        });
      await body({ disk, directory, open });
    });

  async function accept(spool: Spool, name: string, bytes: Uint8Array): Promise<SpooledItem> {
    const writer = spool.open();
    await writer.write(bytes);
    return writer.commit(arrivalOf(name));
  }

  check("gives back an item's exact bytes and facts, also after a restart", async ({ open }) => {
    const bytes = seededBytes(1, 700_000);
    const first = await open(1);
    const item = await accept(first, "a", bytes);
    assert.equal(item.sha256, sha256(bytes));
    assert.deepEqual(await collect(first.read(item)), bytes);
    await first.close();
    const second = await open(2);
    const [again] = [...second.waiting()];
    assert.deepEqual(again, item);
    assert.deepEqual(await collect(second.read(again as SpooledItem)), bytes);
    await second.close();
  });

  check("takes empty and tiny items, and pieces cut anyhow", async ({ open }) => {
    const spool = await open(1);
    const empty = await spool.open().commit(arrivalOf("empty"));
    assert.equal(String(await collect(spool.read(empty))), "");
    const bytes = seededBytes(2, 600_001);
    const writer = spool.open();
    for (let start = 0; start < bytes.length; start += 65_537)
      await writer.write(bytes.subarray(start, start + 65_537));
    assert.equal(writer.digest(), sha256(bytes));
    await assert.rejects(writer.write(Buffer.from("x")));
    assert.deepEqual(await collect(spool.read(await writer.commit(arrivalOf("cut")))), bytes);
    await spool.close();
  });

  check("keeps many interleaved items apart and in order of acceptance", async ({ open }) => {
    const spool = await open(1);
    const next = seeded(3);
    const sizes = Array.from({ length: 40 }, () => Math.floor(next() * 900_000));
    const items = await Promise.all(sizes.map((size, index) => accept(spool, String(index), seededBytes(index, size))));
    for (const [index, item] of items.entries())
      assert.equal(sha256(await collect(spool.read(item))), sha256(seededBytes(index, sizes[index] as number)));
    assert.equal([...spool.waiting()].length, 40);
    await spool.close();
    const again = await open(2);
    assert.equal(again.recovery.items, 40);
    assert.deepEqual(again.recovery.damaged, []);
    await again.close();
  });

  check("forgets what was abandoned or never finished, and says so", async ({ open }) => {
    const spool = await open(1);
    const abandoned = spool.open();
    await abandoned.write(seededBytes(1, 300_000));
    abandoned.abandon();
    abandoned.abandon();
    const unfinished = spool.open();
    await unfinished.write(seededBytes(2, 300_000));
    await accept(spool, "kept", Buffer.from("kept"));
    await spool.close();
    const again = await open(2);
    assert.deepEqual([again.recovery.items, again.recovery.unfinished, again.recovery.damaged.length], [1, 2, 0]);
    await again.close();
  });

  check(
    "uses a segment again once its items are released, and old records never come back",
    async ({ open, disk, directory }) => {
      let spool = await open(1);
      for (let round = 0; round < 3; round += 1) {
        const items: SpooledItem[] = [];
        for (let index = 0; index < 18; index += 1)
          items.push(await accept(spool, `${round}-${index}`, seededBytes(round, 250_000)));
        for (const { id } of items) {
          spool.release(id);
          spool.release(id);
        }
        await spool.close();
        spool = await open(round + 2);
        for (const { id } of [...spool.waiting()]) spool.release(id);
      }
      assert.ok((await disk.list(directory)).length <= 6, "segments are used again");
      await accept(spool, "last", Buffer.from("last"));
      await spool.close();
      const again = await open(9);
      const last = [...again.waiting()].at(-1) as SpooledItem;
      assert.equal(String(await collect(again.read(last))), "last");
      await again.close();
    },
  );

  check("tells damage from a torn tail", async ({ open, disk, directory }) => {
    const spool = await open(1);
    const first = await accept(spool, "first", seededBytes(1, 1000));
    await accept(spool, "second", seededBytes(2, 1000));
    const last = await accept(spool, "third", seededBytes(3, 1000));
    await spool.close();
    const path = `${directory}/segment-1.spool`;
    const whole = Buffer.from(await disk.read(path));
    const damagedAt = async (at: number) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await disk.replace(
        path,
        (async function* () {
          yield bytes;
        })(),
      );
      return recoverSpool(disk, directory, spoolKey);
    };
    const early = await damagedAt((first.pieces[0]?.offset ?? 0) + 100);
    assert.equal(early.report.items, 2);
    assert.equal(early.report.damaged.length, 1, "it was synced before a later record was written");
    const third = await damagedAt((last.pieces[0]?.offset ?? 0) + 100);
    assert.deepEqual([third.report.items, third.report.damaged.length], [2, 1], "the closing mark covers it");
    const mark = await damagedAt(whole.length - 40);
    assert.deepEqual([mark.report.items, mark.report.damaged.length], [3, 0], "the mark itself may be a torn write");
  });

  check(
    "tells damage to the last acknowledged batch from a torn tail, once it has said that it was synced",
    async (bench) => {
      const { open, disk, directory } = bench;
      const spool = await open(1);
      const item = await accept(spool, "last", seededBytes(1, 1000));
      await spool.close();
      const path = `${directory}/segment-1.spool`;
      const whole = Buffer.from(await disk.read(path));
      const { offset } = item.pieces[0] as SpooledItem["pieces"][number];
      whole[offset + 100] = (whole[offset + 100] ?? 0) ^ 1;
      await disk.replace(path, stream(whole));
      const rotten = await recoverSpool(disk, directory, spoolKey);
      assert.deepEqual([rotten.report.items, rotten.report.damaged.length], [0, 1]);
      // The mark itself is lost with what was not synced: then nobody can tell.
      await disk.replace(path, stream(whole.subarray(0, whole.length - 80)));
      const torn = await recoverSpool(disk, directory, spoolKey);
      assert.deepEqual([torn.report.items, torn.report.damaged.length], [0, 0]);
    },
  );

  check("a record given to another place or item does not open", async ({ open, disk, directory }) => {
    const spool = await open(1);
    const item = await accept(spool, "a", Buffer.from("a"));
    const moved = { ...item, pieces: item.pieces.map((piece) => ({ ...piece, offset: piece.offset + 16 })) };
    await assert.rejects(collect(readSpooled(disk.read, directory, spoolKey, moved)), (error) =>
      isFailure(error, "SPOOL-DAMAGED"),
    );
    const other = { ...item, id: "00".repeat(16) as SpooledItem["id"] };
    await assert.rejects(collect(readSpooled(disk.read, directory, spoolKey, other)), (error) =>
      isFailure(error, "SPOOL-DAMAGED"),
    );
    await spool.close();
  });

  check("wakes who waits for an arrival, and counts per connector", async ({ open }) => {
    const spool = await open(1);
    const woken = spool.arrival(new AbortController().signal);
    await accept(spool, "a", Buffer.from("12345"));
    await woken;
    const [depth] = spool.depths();
    assert.deepEqual([depth?.items, depth?.bytes, depth?.connector], [1, 5, "con_1"]);
    await spool.arrival(AbortSignal.abort());
    await spool.close();
  });
}

spoolContract("spool on the real disk", createRealDisk);
spoolContract("spool on the memory disk", createMemoryDisk);

/** A disk whose segments fail the `nth` sync once, and count them. */
function failingSync(inner: Disk, nth: number, code: string): Disk {
  let syncs = 0;
  const noteSync = () => {
    syncs += 1;
    if (syncs === nth) throw Object.assign(new Error("EIO"), { code });
  };
  return {
    ...inner,
    openSegment: async (path) => {
      const segment = await inner.openSegment(path);
      return {
        append: (pieces) => segment.append(pieces),
        appendDurably: async (pieces) => {
          noteSync();
          return segment.appendDurably(pieces);
        },
        close: () => segment.close(),
        get bytes() {
          return segment.bytes;
        },
        sync: async () => {
          noteSync();
          await segment.sync();
        },
      };
    },
  };
}

test("a failed sync is never believed: the item fails, the spool is suspect until a probe passes, earlier items stay", async (context) => {
  const directory = testFolder(context);
  const disk = failingSync(createRealDisk(), 2, "EIO");
  const clock = createSimClock(0 as Instant);
  const spool = await openFileSpool({ disk, directory, clock, entropy: createSimEntropy(1), spoolKey });
  const put = async (text: string) => {
    const writer = spool.open();
    await writer.write(Buffer.from(text));
    return writer.commit(arrivalOf(text));
  };
  await put("kept");
  const begunBefore = spool.open();
  await begunBefore.write(Buffer.from("begun before the failure"));
  await assert.rejects(put("lost"), (error) => isFailure(error, "SPOOL-BROKEN"));
  assert.equal(spool.state().kind, "suspect");
  await assert.rejects(begunBefore.commit(arrivalOf("before")), (error) => isFailure(error, "SPOOL-BROKEN"));
  await clock.advance(2_000);
  for (const until = performance.now() + 30_000; spool.state().kind !== "open"; ) {
    assert.ok(performance.now() < until, "the spool opens again");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await put("after");
  assert.deepEqual(
    [...spool.waiting()].map(({ arrival }) => arrival.receipt),
    ["rcp_kept", "rcp_after"],
  );
  await spool.close();
  const again = await openFileSpool({ disk, directory, clock, entropy: createSimEntropy(2), spoolKey });
  const found = [...again.waiting()].map(({ arrival }) => arrival.receipt);
  assert.ok(found.includes("rcp_kept" as ReceiptId) && found.includes("rcp_after" as ReceiptId));
  await again.close();
});

test("one sync covers many sessions", async (context) => {
  let syncs = 0;
  const real = createRealDisk();
  const counting: Disk = {
    ...real,
    openSegment: async (path) => {
      const segment = await real.openSegment(path);
      return {
        append: (pieces) => segment.append(pieces),
        appendDurably: (pieces) => {
          syncs += 1;
          return segment.appendDurably(pieces);
        },
        close: () => segment.close(),
        get bytes() {
          return segment.bytes;
        },
        sync: async () => {
          syncs += 1;
          await segment.sync();
        },
      };
    },
  };
  const clock = createSimClock(0 as Instant);
  const spool = await openFileSpool({
    disk: counting,
    directory: testFolder(context),
    clock,
    entropy: createSimEntropy(1),
    spoolKey,
  });
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const writer = spool.open();
      await writer.write(Buffer.from(`message ${index}`));
      await writer.commit(arrivalOf(String(index)));
    }),
  );
  assert.ok(syncs <= 10, `${syncs} syncs for 100 messages`);
  await spool.close();
});

test("a full volume answers full, and opens again when there is room", async (context) => {
  let free = 1_000;
  const disk: Disk = { ...createRealDisk(), freeBytes: async () => free };
  const clock = createSimClock(0 as Instant);
  const bounds = { bytesMax: 1e12, freeBytesMin: 2_000, reserveBytes: 0, segmentBytesMax: 64 * MiB };
  const spool = await openFileSpool({
    disk,
    directory: testFolder(context),
    clock,
    entropy: createSimEntropy(1),
    spoolKey,
    bounds,
  });
  assert.equal(spool.state().kind, "full");
  free = 5_000;
  await clock.advance(2_000);
  for (const until = performance.now() + 30_000; spool.state().kind !== "open"; ) {
    assert.ok(performance.now() < until, "the spool opens again");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await spool.close();
});

test("a long item whose first segment is in use again can be let go, and counts as damage only if nobody does", async () => {
  const disk = createMemoryDisk();
  const bounds = { bytesMax: 1e12, freeBytesMin: 0, reserveBytes: 0, segmentBytesMax: 64 * KiB };
  const open = (seed: number) =>
    openFileSpool({
      disk,
      directory: "/spool",
      clock: createSimClock(0 as Instant),
      entropy: createSimEntropy(seed),
      spoolKey,
      bounds,
    });
  const accept = async (spool: Spool, name: string, bytes: number) => {
    const writer = spool.open();
    await writer.write(seededBytes(1, bytes));
    return writer.commit(arrivalOf(name));
  };
  let spool = await open(1);
  // Two records: the first fills segment 1, the second stands in segment 2 with the mail that follows.
  const long = await accept(spool, "long", 300 * KiB);
  assert.deepEqual(
    long.pieces.map(({ segment }) => segment),
    [1, 2],
  );
  await accept(spool, "kept", 100);
  spool.release(long.id);
  await accept(spool, "fills segment 2", 100 * KiB);
  await accept(spool, "takes segment 1", 100);
  await spool.close();

  spool = await open(2);
  const [damage] = spool.recovery.damaged;
  assert.ok(damage?.kind === "item" && damage.id === long.id && damage.receipt === "rcp_long");
  spool.release(damage.id);
  spool.release(damage.id);
  for (const { id } of [...spool.waiting()]) spool.release(id);
  await accept(spool, "after", 100);
  await spool.close();
  assert.deepEqual(
    (await recoverSpool(disk, "/spool", spoolKey)).report.damaged,
    [],
    "its last segment is in use again too",
  );
});

test("the reserve is made when there is plenty, given up when there is little, and none of it is needed", async () => {
  let free = 1_000_000;
  const memory = createMemoryDisk();
  const disk: Disk = { ...memory, freeBytes: async () => free };
  const clock = createSimClock(0 as Instant);
  const bounds = { bytesMax: 1e12, freeBytesMin: 50_000, reserveBytes: 10_000, segmentBytesMax: 64 * KiB };
  const parts = { disk, directory: "/spool", clock, entropy: createSimEntropy(1), spoolKey, bounds };
  const spool = await openFileSpool(parts);
  const look = async () => {
    await clock.advance(2_000);
    spool.state();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return disk.size("/spool/reserve");
  };
  free = bounds.freeBytesMin + 2 * bounds.reserveBytes - 1;
  assert.equal(await look(), undefined);
  free += 1;
  assert.equal(await look(), bounds.reserveBytes);
  free = 2 * bounds.reserveBytes;
  assert.equal(await look(), bounds.reserveBytes);
  free -= 1;
  assert.equal(await look(), undefined);
  free = bounds.freeBytesMin + 2 * bounds.reserveBytes;
  assert.equal(await look(), bounds.reserveBytes);
  await spool.close();
  free = 0;
  const again = await openFileSpool(parts);
  assert.equal(await disk.size("/spool/reserve"), undefined, "a start on a full volume gives it up at once");
  await again.close();
});
