import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Clock, type Entropy, Failure, isFailure, KiB, MiB, must, type Sha256 } from "#core/index.ts";
import type { Bytes, Disk } from "#disk/index.ts";
import { cachedKeys } from "./cached-keys.ts";
import { encodeEnd } from "./end-record.ts";
import { readSpooled } from "./read.ts";
import { type Recovered, recoverSpool } from "./recovery.ts";
import { createReserve, type Reserve } from "./reserve.ts";
import { SegmentLog } from "./segment-log.ts";
import type { Arrival, Spool, SpoolDepth, SpooledItem, SpoolId, SpoolPiece, SpoolState, SpoolWriter } from "./spool.ts";
import { type Stretch, StretchGatherer, startingWith } from "./stretch.ts";

/** Stretches of an item are gathered to this before they become a record: few records, little memory a session. */
const pieceBytes = 256 * KiB;
/** How long a reading of free space, or a failed probe, is believed, in milliseconds. */
const recheckMs = 1_000;

/** How much the spool may hold, how much of the volume must stay free, and how its files are cut, in bytes. */
export interface SpoolBounds {
  bytesMax: number;
  freeBytesMin: number;
  /** Room set aside in a file, given up when less than twice as much is free; 0 for none. */
  reserveBytes: number;
  /** A segment is left when it has grown to this. */
  segmentBytesMax: number;
}

/**
 * 16 GiB of backlog; enough free space that recovery, logs and the catalogue can still work; a reserve for one pack (a
 * batch is at most 16 MiB) with the transactions of catalogue and index; and segments large enough for long appends,
 * small enough to be used again soon.
 */
const spoolBoundsDefault: SpoolBounds = {
  bytesMax: 16 * KiB * MiB,
  freeBytesMin: 256 * MiB,
  reserveBytes: 32 * MiB,
  segmentBytesMax: 64 * MiB,
};

/** What a spool is built on, and where it lies on its disk. */
export interface SpoolParts {
  disk: Disk;
  directory: string;
  clock: Clock;
  entropy: Entropy;
  /** The key ring's spool key of a run. */
  spoolKey: (salt: Uint8Array) => Promise<Uint8Array>;
  bounds?: SpoolBounds;
}

/**
 * Opens the spool and recovers what is waiting in it.
 *
 * @throws `SPOOL-VERSION`, and what the disk says
 */
export async function openFileSpool(parts: SpoolParts): Promise<Spool> {
  const keyOfSalt = cachedKeys(parts.spoolKey);
  const { segmentBytesMax } = parts.bounds ?? spoolBoundsDefault;
  await removeProbe(parts);
  const recovered = await recoverSpool(parts.disk, parts.directory, keyOfSalt);
  const salt = parts.entropy.bytes(16);
  const log = new SegmentLog({ ...parts, segmentBytesMax }, await keyOfSalt(salt), salt, recovered);
  const spool = new FileSpool(parts, log, keyOfSalt, recovered);
  await spool.measure();
  return spool;
}

const probePath = (directory: string): string => join(directory, "probe");

/** A probe of a process that died in it is of no use to anyone. */
async function removeProbe({ disk, directory }: SpoolParts): Promise<void> {
  const path = probePath(directory);
  if ((await disk.size(path)) !== undefined) await disk.remove(path);
}

class FileSpool implements Spool {
  readonly recovery: Spool["recovery"];
  readonly #parts: SpoolParts;
  readonly #log: SegmentLog;
  readonly #keyOfSalt: SpoolParts["spoolKey"];
  readonly #reserve: Reserve;
  readonly #waiting = new Map<SpoolId, SpooledItem>();
  /** What is left of items that were accepted and are not whole. */
  readonly #remains: Map<SpoolId, readonly SpoolPiece[]>;
  #arrivals: (() => void)[] = [];
  #freeBytes = Number.MAX_SAFE_INTEGER;
  #measuredAtMs = 0;
  #failuresHealed: number;
  #isChecking = false;
  #checking: Promise<void> = Promise.resolve();

  constructor(parts: SpoolParts, log: SegmentLog, keyOfSalt: SpoolParts["spoolKey"], recovered: Recovered) {
    this.#parts = parts;
    this.#log = log;
    this.#keyOfSalt = keyOfSalt;
    this.#failuresHealed = log.failures;
    this.recovery = recovered.report;
    this.#remains = recovered.remains;
    const { reserveBytes, freeBytesMin } = parts.bounds ?? spoolBoundsDefault;
    this.#reserve = createReserve(parts, reserveBytes, freeBytesMin);
    for (const item of recovered.items) this.#waiting.set(item.id, item);
  }

  state(): SpoolState {
    const { clock, bounds = spoolBoundsDefault } = this.#parts;
    const isSuspect = this.#log.failures !== this.#failuresHealed;
    if (!this.#isChecking && clock.elapsedMs() - this.#measuredAtMs > recheckMs) {
      this.#isChecking = true;
      this.#checking = this.#check(isSuspect).finally(() => {
        this.#isChecking = false;
      });
    }
    if (this.#freeBytes < bounds.freeBytesMin) return { kind: "full", reason: "the spool's volume is nearly full" };
    if (this.#log.liveBytes > bounds.bytesMax)
      return { kind: "full", reason: "too much mail is waiting to be archived" };
    if (isSuspect && this.#log.isFull) return { kind: "full", reason: "the spool's volume is full" };
    if (isSuspect) return { kind: "suspect", reason: "the spool's volume failed and is being checked" };
    return { kind: "open" };
  }

  open(): SpoolWriter {
    return new ItemWriter(this.#parts.entropy.bytes(16), this.#log, (item) => this.#accepted(item));
  }

  waiting(): Iterable<SpooledItem> {
    return this.#waiting.values();
  }

  arrival(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        signal.removeEventListener("abort", finish);
        resolve();
      };
      signal.addEventListener("abort", finish);
      this.#arrivals.push(finish);
    });
  }

  read(item: SpooledItem): Bytes {
    const { disk } = this.#parts;
    return readSpooled((path, range) => disk.read(path, range), this.#parts.directory, this.#keyOfSalt, item);
  }

  release(id: SpoolId): void {
    const pieces = this.#waiting.get(id)?.pieces ?? this.#remains.get(id) ?? [];
    this.#waiting.delete(id);
    this.#remains.delete(id);
    for (const piece of pieces) this.#log.release(piece.segment);
  }

  depths(): readonly SpoolDepth[] {
    const depths = new Map<string, SpoolDepth>();
    for (const { arrival, bytes } of this.#waiting.values()) {
      const { tenant, connector } = arrival.destination;
      const name = `${tenant}\0${connector}`;
      const depth = depths.get(name) ?? { tenant, connector, items: 0, bytes: 0, oldestAt: arrival.receivedAt };
      depth.items += 1;
      depth.bytes += bytes;
      if (arrival.receivedAt < depth.oldestAt) depth.oldestAt = arrival.receivedAt;
      depths.set(name, depth);
    }
    return [...depths.values()];
  }

  async close(): Promise<void> {
    await this.#checking;
    await this.#log.close();
  }

  async measure(): Promise<void> {
    this.#measuredAtMs = this.#parts.clock.elapsedMs();
    this.#freeBytes = await this.#free();
    if (await this.#reserve.giveUp(this.#freeBytes)) this.#freeBytes = await this.#free();
    if (this.#freeBytes < (this.#parts.bounds ?? spoolBoundsDefault).freeBytesMin) this.#log.dropSpares();
  }

  #free(): Promise<number> {
    return this.#parts.disk.freeBytes(this.#parts.directory).catch(() => Number.MAX_SAFE_INTEGER);
  }

  #accepted(item: SpooledItem): void {
    this.#waiting.set(item.id, item);
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    for (const resolve of arrivals) resolve();
  }

  async #check(isSuspect: boolean): Promise<void> {
    await this.measure();
    const failures = this.#log.failures;
    if (!isSuspect) await this.#reserve.make(this.#freeBytes);
    else if (await this.#probe()) this.#failuresHealed = failures;
  }

  /**
   * Whether the volume can be believed again: new bytes survive write, sync and reopening, and what is waiting can be read.
   * An item that is damaged is the archive loop's to report; it does not keep the spool shut.
   */
  async #probe(): Promise<boolean> {
    const { disk, directory, entropy } = this.#parts;
    const path = probePath(directory);
    const sample = entropy.bytes(4 * KiB);
    try {
      const file = await disk.openSegment(path);
      try {
        await file.append([sample]);
        await file.sync();
      } finally {
        await file.close();
      }
      const isSame = Buffer.from(await disk.read(path)).equals(sample);
      await disk.remove(path);
      if (!isSame) return false;
      for (const item of [...this.#waiting.values()]) await this.#readThrough(item);
      return true;
    } catch {
      // Whatever it was, the volume is not to be believed yet; the next look tries again.
      return false;
    }
  }

  async #readThrough(item: SpooledItem): Promise<void> {
    try {
      for await (const piece of this.read(item)) void piece;
    } catch (error) {
      if (!isFailure(error) || error.retry !== "never") throw error;
    }
  }
}

class ItemWriter implements SpoolWriter {
  readonly id: SpoolId;
  readonly #item: Buffer;
  readonly #log: SegmentLog;
  readonly #accept: (item: SpooledItem) => void;
  readonly #failuresSeen: number;
  readonly #hash = createHash("sha256");
  readonly #pieces: SpoolPiece[] = [];
  readonly #held = new StretchGatherer();
  #digest: Sha256 | null = null;
  #bytes = 0;
  #ordinal = 0;
  #failure: unknown;
  #isEnded = false;

  constructor(item: Buffer, log: SegmentLog, accept: (item: SpooledItem) => void) {
    this.#item = item;
    this.id = item.toString("hex") as SpoolId;
    this.#log = log;
    this.#accept = accept;
    this.#failuresSeen = log.failures;
  }

  async write(piece: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    must(this.#digest === null, "nothing is written to an item whose digest was asked for");
    for (let start = 0; start < piece.length; ) {
      const part = piece.subarray(start, start + pieceBytes - this.#held.bytes);
      start += part.length;
      this.#hash.update(part);
      this.#held.add(part);
      this.#bytes += part.length;
      if (this.#held.bytes === pieceBytes) await this.#queue("piece", this.#held.take(), () => undefined);
    }
  }

  digest(): Sha256 {
    this.#digest ??= this.#hash.digest("hex") as Sha256;
    return this.#digest;
  }

  async commit(arrival: Arrival): Promise<SpooledItem> {
    if (this.#failure !== undefined) {
      this.abandon();
      throw this.#failure;
    }
    this.#isEnded = true;
    const facts = { bytes: this.#bytes, sha256: this.digest(), arrival };
    try {
      await new Promise<void>((resolve, reject) => {
        void this.#queue("end", startingWith(encodeEnd(facts), this.#held.take()), resolve, reject);
      });
    } catch (error) {
      this.#releasePieces();
      throw error;
    }
    const item = { id: this.id, ...facts, pieces: this.#pieces };
    this.#accept(item);
    return item;
  }

  abandon(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#held.take();
    this.#failure ??= new Failure("SPOOL-BROKEN", "later", "the item was abandoned");
    this.#releasePieces();
  }

  #releasePieces(): void {
    for (const piece of this.#pieces.splice(0)) this.#log.release(piece.segment);
  }

  #queue(kind: "piece" | "end", payload: Stretch, done: () => void, failed?: (error: unknown) => void): Promise<void> {
    return this.#log.enqueue({
      kind,
      item: this.#item,
      ordinal: this.#ordinal++,
      payload,
      failuresSeen: this.#failuresSeen,
      placed: ({ segment, offset }) => {
        // An item abandoned while its last piece was queued must not keep the segment.
        if (this.#isEnded && kind === "piece" && this.#failure !== undefined) this.#log.release(segment);
        else this.#pieces.push({ segment, offset, bytes: payload.bytes });
      },
      done,
      failed: (error) => {
        this.#failure ??= error;
        failed?.(error);
      },
    });
  }
}
