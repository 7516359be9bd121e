import assert from "node:assert/strict";
import type { BlobName, BlobStore } from "#blob/index.ts";
import type { MessageRow, PackEntry } from "#catalogue/index.ts";
import { Failure, isFailure, type MessageId, type TenantId } from "#core/index.ts";
import { openPack, packBlobName } from "#pack/index.ts";
import { examinePack } from "../../src/archive/examine-pack.ts";
import { createRetrieval } from "../../src/archive/retrieve.ts";
import { type Batches, openBatches } from "../support/batches.ts";
import { collect, seeded, seededBytes, sha256 } from "../support/bytes.ts";

/** Names of one length, so that the packs of both tenants have their frames at the same offsets. */
const tenants = ["acme", "beta"] as TenantId[];

/** What a byte of a pack belongs to. */
export type PackPlace = "header" | "frame head" | "frame" | "tag" | "directory" | "table" | "header copy" | "trailer";
export const packPlaces: readonly PackPlace[] = [
  ...(["header", "frame head", "frame", "tag", "directory", "table", "header copy", "trailer"] as const),
];

/** A stretch of a pack and what it is. `frame` is the offset of the frame it belongs to. */
interface Stretch {
  place: PackPlace;
  start: number;
  end: number;
  frame: number | null;
}

interface StoredPack {
  tenant: TenantId;
  entry: PackEntry;
  name: BlobName;
  bytes: Buffer;
  stretches: Stretch[];
  /** Where its content frames begin and end. */
  frames: { start: number; end: number }[];
}

/** What damages showed; every one of them was found and named. */
export interface DamageCounts {
  damages: number;
  /** Messages that could not be read any more, over all damages, and those that could. */
  lost: number;
  whole: number;
}

/** Two tenants with the same mail in the same packs, with parts shared between packs and reports around messages. */
export interface DamageGround {
  batches: Batches;
  packs: StoredPack[];
  rows: ReadonlyMap<TenantId, readonly MessageRow[]>;
}

function mailOf(number: number, file: Uint8Array): Buffer {
  const text =
    (file.length === 0
      ? ""
      : Buffer.from(file)
          .toString("base64")
          .match(/.{1,76}/g)
          ?.join("\r\n")) ?? "";
  return Buffer.from(
    `From: a@example.com\r\nSubject: number ${number}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n` +
      `--b\r\n\r\n${`text of ${number} `.repeat(10 + (number % 7) * 40)}\r\n` +
      `--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${text}\r\n--b--\r\n`,
  );
}

function reportOf(number: number, message: Buffer): Buffer {
  const head =
    `From: journal@example.com\r\nSubject: report ${number}\r\nX-MS-Journal-Report:\r\nMIME-Version: 1.0\r\n` +
    `Content-Type: multipart/mixed; boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nSender: a@example.com\r\n` +
    `Subject: number ${number}\r\nMessage-Id: <${number}@example.com>\r\nTo: b${number}@example.com\r\n\r\n` +
    `--r\r\nContent-Type: message/rfc822\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), message, Buffer.from("\r\n--r--\r\n")]);
}

/** Lengths of a pack's parts by its own trailer and frame heads, read here without the product's code. */
function stretchesOf(bytes: Buffer): Stretch[] {
  const trailer = bytes.length - 96;
  const tableAt = Number(bytes.readBigUInt64BE(trailer + 8));
  const headerBytes = bytes.readUInt32BE(trailer + 20);
  const copyAt = Number(bytes.readBigUInt64BE(trailer + 24));
  const stretches: Stretch[] = [{ place: "header", start: 0, end: headerBytes, frame: null }];
  for (let at = headerBytes; at < tableAt; ) {
    const end = at + 32 + bytes.readUInt32BE(at + 16) + 16;
    if (bytes[at + 4] === 2) stretches.push({ place: "directory", start: at, end, frame: null });
    else
      stretches.push(
        { place: "frame head", start: at, end: at + 32, frame: at },
        { place: "frame", start: at + 32, end: end - 16, frame: at },
        { place: "tag", start: end - 16, end, frame: at },
      );
    at = end;
  }
  stretches.push({ place: "table", start: tableAt, end: copyAt, frame: null });
  stretches.push({ place: "header copy", start: copyAt, end: trailer, frame: null });
  stretches.push({ place: "trailer", start: trailer, end: bytes.length, frame: null });
  return stretches;
}

/** An archive to damage: the same for the same seed. */
export async function damageGround(seed: number): Promise<DamageGround> {
  const batches = await openBatches({ tenants });
  const shared = seededBytes(seed, 7_000);
  // Two of one length that do not compress: their frames are of one length too.
  const large = [1, 2].map((number) => mailOf(100 + number, seededBytes(seed + number, 300_000)));
  const mails = Array.from({ length: 9 }, (_, number) =>
    mailOf(
      number,
      number % 3 === 0 ? shared : number % 3 === 1 ? seededBytes(seed + 10 + number, 5_000) : Buffer.alloc(0),
    ),
  );
  for (const tenant of tenants) {
    await batches.archive([...mails.slice(0, 3), ...large], "standard", tenant);
    await batches.archive(
      mails.slice(2, 6).map((mail, index) => reportOf(index, mail)),
      "eej",
      tenant,
    );
    await batches.archive(mails.slice(6), "standard", tenant);
  }
  const packs: StoredPack[] = [];
  const rows = new Map<TenantId, MessageRow[]>();
  for (const tenant of tenants) {
    rows.set(tenant, await batches.catalogue.messagesAfter(tenant, null, 1_000));
    for (const entry of await batches.catalogue.packs(tenant)) {
      const name = packBlobName({ tenant, pack: entry.pack });
      const bytes = await collect(batches.blobs.get(name));
      const stretches = stretchesOf(bytes);
      const frames = stretches
        .filter(({ place }) => place === "frame head")
        .map(({ start }) => ({ start, end: stretches.find((one) => one.place === "tag" && one.frame === start)!.end }));
      packs.push({ tenant, entry, name, bytes, stretches, frames });
    }
  }
  return { batches, packs, rows };
}

/** The ground's store with other bytes in the place of one pack's. */
function storeWith(blobs: BlobStore, name: BlobName, bytes: Buffer): BlobStore {
  return {
    ...blobs,
    get: async function* (asked, range) {
      if (asked !== name) return yield* blobs.get(asked, range);
      const found = range === undefined ? bytes : bytes.subarray(range.start, range.start + range.length);
      yield found;
      if (range !== undefined && found.length < range.length)
        throw new Failure("BLOB-SHORT", "never", `blob ${name} ends early`);
    },
    stat: async (asked) => (asked === name ? { bytes: bytes.length } : blobs.stat(asked)),
  };
}

/** Messages of the tenant that do not come back whole, their reports included; a wrong byte ends the run. */
async function unreadable(ground: DamageGround, tenant: TenantId, blobs: BlobStore): Promise<Set<MessageId>> {
  const { catalogue, openKey } = ground.batches;
  const retrieval = createRetrieval({ blobs, catalogue, openKey });
  const failed = new Set<MessageId>();
  for (const row of ground.rows.get(tenant) ?? []) {
    try {
      assert.equal(sha256(await collect(retrieval.message(tenant, row))), row.sha256);
      for (const { report } of row.receipts)
        if (report !== null) assert.equal(sha256(await collect(retrieval.report(tenant, report))), report.sha256);
    } catch (error) {
      if (!isFailure(error)) throw error;
      failed.add(row.id);
    }
  }
  return failed;
}

/**
 * Puts `bytes` in a pack's place and checks that this is found, that every message it touches is named and no other cannot be
 * read, and that no wrong byte is ever given back.
 */
async function checkDamage(
  ground: DamageGround,
  pack: StoredPack,
  bytes: Buffer,
  what: string,
  counts: DamageCounts,
): Promise<{ failed: Set<MessageId>; named: Set<MessageId | null>; places: Set<string> }> {
  const { catalogue, openKey } = ground.batches;
  const blobs = storeWith(ground.batches.blobs, pack.name, bytes);
  const damage = await examinePack({ blobs, catalogue, openKey }, pack.tenant, pack.entry);
  assert.ok(damage.length > 0, `${what} was not found`);
  const named = new Set(damage.map(({ id }) => id));
  const failed = await unreadable(ground, pack.tenant, blobs);
  for (const id of failed) assert.ok(named.has(id), `${what} touches ${id}, which is not named`);
  counts.damages += 1;
  counts.lost += failed.size;
  counts.whole += (ground.rows.get(pack.tenant)?.length ?? 0) - failed.size;
  return { failed, named, places: new Set(damage.map(({ place }) => place)) };
}

/** What `verify` calls the damage of a place. */
const placeNames: Record<PackPlace, string> = {
  ...{ header: "header", "frame head": "frame", frame: "frame", tag: "frame", directory: "directory" },
  ...{ table: "table", "header copy": "header copy", trailer: "trailer" },
};

/** Flips one bit in each of `count` bytes, one at a time, spread over every kind of place of every pack. */
export async function flipRun(ground: DamageGround, seed: number, count: number): Promise<DamageCounts> {
  const next = seeded(seed);
  const counts: DamageCounts = { damages: 0, lost: 0, whole: 0 };
  for (let flip = 0; flip < count; flip += 1) {
    const pack = ground.packs[Math.floor(next() * ground.packs.length)]!;
    const place = packPlaces[flip % packPlaces.length]!;
    const stretches = pack.stretches.filter((one) => one.place === place);
    const stretch = stretches[Math.floor(next() * stretches.length)]!;
    const at = stretch.start + Math.floor(next() * (stretch.end - stretch.start));
    const bytes = Buffer.from(pack.bytes);
    bytes[at]! ^= 1 << Math.floor(next() * 8);
    const what = `a flip in the ${place} at ${at} of ${pack.entry.pack}, seed ${seed}`;
    const { failed, named, places } = await checkDamage(ground, pack, bytes, what, counts);
    assert.ok(places.has(placeNames[place]) || places.has("frame"), `${what} is called ${[...places].join(", ")}`);
    if (stretch.frame === null) assert.equal(failed.size, 0, `${what} loses mail`);
    else {
      const inFrame = await unreadable(ground, pack.tenant, withoutFrame(ground, pack, stretch.frame));
      assert.deepEqual(failed, inFrame, `${what} loses more than its frame`);
      assert.deepEqual(named, failed, `${what} names others than it touches`);
    }
  }
  return counts;
}

/** The ground with a whole frame made zeroes: what no damage to one frame may go beyond. */
function withoutFrame(ground: DamageGround, pack: StoredPack, frame: number): BlobStore {
  const bytes = Buffer.from(pack.bytes);
  bytes.fill(0, frame, pack.frames.find(({ start }) => start === frame)!.end);
  return storeWith(ground.batches.blobs, pack.name, bytes);
}

/** Ends each pack at every boundary and one byte to both sides, makes holes, and adds to its end. */
export async function truncationRun(ground: DamageGround): Promise<DamageCounts> {
  const counts: DamageCounts = { damages: 0, lost: 0, whole: 0 };
  for (const pack of ground.packs.filter(({ tenant }) => tenant === tenants[0])) {
    const boundaries = new Set(pack.stretches.flatMap(({ start, end }) => [start, end]));
    for (const boundary of boundaries)
      for (const end of [boundary - 1, boundary, boundary + 1]) {
        if (end < 0 || end >= pack.bytes.length) continue;
        const what = `${pack.entry.pack} cut at ${end}`;
        const { failed } = await checkDamage(ground, pack, pack.bytes.subarray(0, end), what, counts);
        // Of what lies before the cut nothing is lost, as long as the header is there to open it.
        const gone = Buffer.from(pack.bytes).fill(0, Math.min(end, pack.stretches[0]!.end > end ? 0 : end));
        const lost = await unreadable(ground, pack.tenant, storeWith(ground.batches.blobs, pack.name, gone));
        assert.deepEqual(failed, lost, what);
      }
    const middle = Math.floor(pack.bytes.length / 2);
    const hole = Buffer.from(pack.bytes).fill(0, middle, Math.min(middle + 4_096, pack.bytes.length));
    await checkDamage(ground, pack, hole, `a hole in ${pack.entry.pack}`, counts);
    const longer = Buffer.concat([pack.bytes, Buffer.from("garbage")]);
    await checkDamage(ground, pack, longer, `garbage behind ${pack.entry.pack}`, counts);
  }
  return counts;
}

/** Puts each frame in the place of every other of its pack, of other packs and of the other tenant's, and packs likewise. */
export async function swapRun(ground: DamageGround): Promise<DamageCounts> {
  const counts: DamageCounts = { damages: 0, lost: 0, whole: 0 };
  for (const pack of ground.packs)
    for (const { start, end } of pack.frames)
      for (const other of ground.packs)
        for (const frame of other.frames) {
          if (other === pack && frame.start === start) continue;
          const bytes = Buffer.from(pack.bytes);
          // As long as the place is: its neighbours stay as they are.
          bytes.fill(0, start, end);
          other.bytes.copy(bytes, start, frame.start, Math.min(frame.end, frame.start + end - start));
          const what = `the frame at ${frame.start} of ${other.entry.pack} at ${start} of ${pack.entry.pack}`;
          const { failed, named } = await checkDamage(ground, pack, bytes, what, counts);
          assert.ok(failed.size > 0, `${what} is believed`);
          assert.deepEqual(named, failed, what);
        }
  for (const pack of ground.packs)
    for (const other of ground.packs) {
      if (other === pack) continue;
      const blobs = storeWith(ground.batches.blobs, pack.name, other.bytes);
      const open = openPack(blobs, { tenant: pack.tenant, pack: pack.entry.pack }, ground.batches.openKey);
      await assert.rejects(open, (error) => isFailure(error, "PACK-MISPLACED"));
      await checkDamage(ground, pack, other.bytes, `${other.entry.pack} in the place of ${pack.entry.pack}`, counts);
    }
  return counts;
}
