import { join } from "node:path";
import { type Clock, Failure, isFailure, MiB } from "#core/index.ts";
import type { AppendSegment, Disk } from "#disk/index.ts";
import { encodeRecord, type RecordKind, recordBytes } from "./record.ts";
import type { Stretch } from "./stretch.ts";

/** Most bytes that one append and sync covers, so that a burst does not make its first sender wait for its last. */
const batchBytesMax = 4 * MiB;
/** More than this waiting to be written makes writers wait: the disk slows the senders. */
const queueBytesMax = 8 * MiB;
/** Empty segments kept for use again; the rest are removed. */
const spareSegmentsMax = 4;
/**
 * A mark is written when nothing was for this long, in milliseconds: between one message and the next of a sender it would
 * cost as much as the message.
 */
const markAfterMs = 20;
/** What a mark has in place of an item id. */
const noItem = new Uint8Array(16);

/** Where a record came to lie. */
export interface Place {
  segment: number;
  offset: number;
}

interface Queued {
  kind: RecordKind;
  item: Uint8Array;
  ordinal: number;
  payload: Stretch;
  /** The log's count of failures when the item was begun: a later failure may have cost it a piece. */
  failuresSeen: number;
  placed: (place: Place) => void;
  done: () => void;
  failed: (error: unknown) => void;
}

/** Where the log writes, and with what. */
export interface LogPlace {
  disk: Disk;
  directory: string;
  segmentBytesMax: number;
  clock: Pick<Clock, "sleep">;
}

/** What the log starts from: recovery's findings. */
export interface LogStart {
  generation: number;
  /** Segments in use, with the number of live records in each; pinned ones are never used again. */
  segments: ReadonlyMap<number, { records: number; isPinned: boolean }>;
}

interface OpenSegment {
  number: number;
  file: AppendSegment;
  /** How far it is synced, and how far a mark in it says so. */
  durableTo: number;
  markedTo: number;
  generation: number;
}

/** The path of a segment, by number. */
export function segmentPath(directory: string, segment: number): string {
  return join(directory, `segment-${segment}.spool`);
}

/**
 * The one writer of the spool: takes records of all sessions, appends them in batches, and syncs once for each batch that
 * someone waits for.
 *
 * After a failed append or sync the open segment is left for good, every item begun before fails, and `failures` grows.
 */
export class SegmentLog {
  readonly #disk: Disk;
  readonly #directory: string;
  /** A segment is left when it has grown to this. */
  readonly #segmentBytesMax: number;
  readonly #clock: Pick<Clock, "sleep">;
  readonly #key: Uint8Array;
  readonly #salt: Uint8Array;
  readonly #queue: Queued[] = [];
  #queueBytes = 0;
  #waitingForRoom: (() => void)[] = [];
  #isWriting = false;
  /** Aborted when the log is closed. */
  readonly #closing = new AbortController();
  /** Whether somebody waits for the time to write a mark, and whether it is time. */
  #isMarkPlanned = false;
  #isMarkDue = false;
  #idle: Promise<void> = Promise.resolve();
  #open: OpenSegment | undefined;
  #generation: number;
  /** Live records by segment. */
  readonly #records = new Map<number, number>();
  readonly #pinned = new Set<number>();
  readonly #spare: number[] = [];
  readonly #removals = new Set<Promise<void>>();
  #nextSegment = 1;
  #failures = 0;
  #lastFailure: Failure | undefined;

  constructor(place: LogPlace, key: Uint8Array, salt: Uint8Array, start: LogStart) {
    this.#disk = place.disk;
    this.#directory = place.directory;
    this.#segmentBytesMax = place.segmentBytesMax;
    this.#clock = place.clock;
    this.#key = key;
    this.#salt = salt;
    this.#generation = start.generation;
    for (const [segment, { records, isPinned }] of start.segments) {
      this.#nextSegment = Math.max(this.#nextSegment, segment + 1);
      this.#records.set(segment, records);
      if (isPinned) this.#pinned.add(segment);
      else if (records === 0) this.#spare.push(segment);
    }
  }

  /** How often writing has failed. An item begun at a lower count may miss a piece and must not be committed. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the last failure was a full volume. */
  get isFull(): boolean {
    return isFailure(this.#lastFailure, "SPOOL-FULL");
  }

  /** Bytes of segments that hold live records. */
  get liveBytes(): number {
    let segments = 0;
    for (const records of this.#records.values()) if (records > 0) segments += 1;
    return segments * this.#segmentBytesMax;
  }

  /**
   * Queues one record. `done` follows durability for an end record, writing for a piece.
   *
   * @returns a promise that resolves when more may be queued
   */
  enqueue(record: Queued): Promise<void> {
    this.#queue.push(record);
    this.#queueBytes += record.payload.bytes;
    this.#wake();
    if (this.#queueBytes <= queueBytesMax) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Lets go of one record; a segment without live records is used again. */
  release(segment: number): void {
    const left = (this.#records.get(segment) ?? 0) - 1;
    this.#records.set(segment, Math.max(0, left));
    if (left <= 0 && segment !== this.#open?.number && !this.#pinned.has(segment)) this.#retire(segment);
  }

  /** Removes the segments kept for use again: room for others on a volume that runs full. */
  dropSpares(): void {
    for (const segment of this.#spare.splice(0)) this.#remove(segment);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#isMarkDue = true;
    this.#wake();
    await this.#idle;
    await this.#open?.file.close();
    this.#open = undefined;
    await Promise.all(this.#removals);
  }

  #retire(segment: number): void {
    if (this.#spare.includes(segment)) return;
    if (this.#spare.length < spareSegmentsMax) {
      this.#spare.push(segment);
      return;
    }
    this.#remove(segment);
  }

  #remove(segment: number): void {
    this.#records.delete(segment);
    // Failing to remove an empty segment costs space, never mail; the next start sees it as a spare.
    const removal = this.#disk.remove(segmentPath(this.#directory, segment)).catch(() => undefined);
    this.#removals.add(removal);
    void removal.then(() => this.#removals.delete(removal));
  }

  #wake(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#idle = this.#write();
  }

  async #write(): Promise<void> {
    // A turn of the event loop gathers what other sessions queue at the same moment: that is the group in group commit.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0 || this.#isMarkDue) {
      const batch = this.#take();
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        await this.#abandonSegment(batch, error);
      }
      if (this.#queueBytes <= queueBytesMax) {
        for (const resolve of this.#waitingForRoom) resolve();
        this.#waitingForRoom = [];
      }
      if (this.#isMarkDue && this.#queue.length === 0) {
        this.#isMarkDue = false;
        await this.#mark().catch((error) => this.#abandonSegment([], error));
      }
    }
    this.#isWriting = false;
    void this.#planMark();
  }

  /** Sees to it that a mark is written once there is a lull. */
  async #planMark(): Promise<void> {
    if (this.#isMarkPlanned || !this.#isUnmarked()) return;
    this.#isMarkPlanned = true;
    let before: number | undefined;
    do {
      before = this.#open?.durableTo;
      await this.#clock.sleep(markAfterMs, this.#closing.signal);
    } while (this.#open?.durableTo !== before && !this.#closing.signal.aborted);
    this.#isMarkPlanned = false;
    if (this.#closing.signal.aborted || !this.#isUnmarked()) return;
    this.#isMarkDue = true;
    this.#wake();
  }

  #isUnmarked(): boolean {
    return this.#open !== undefined && this.#open.markedTo !== this.#open.durableTo;
  }

  #take(): Queued[] {
    const batch: Queued[] = [];
    let bytes = 0;
    while (bytes < batchBytesMax) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      this.#queueBytes -= next.payload.bytes;
      if (next.failuresSeen !== this.#failures) {
        next.failed(this.#lastFailure);
        continue;
      }
      batch.push(next);
      bytes += next.payload.bytes;
    }
    return batch;
  }

  async #writeBatch(batch: Queued[]): Promise<void> {
    for (let rest = batch; rest.length > 0; ) {
      const open = await this.#segment();
      const pieces: Uint8Array[] = [];
      const written: Queued[] = [];
      let offset = open.file.bytes;
      for (const record of rest) {
        if (offset >= this.#segmentBytesMax) break;
        const { kind, item, ordinal, payload } = record;
        const { number: segment, generation, durableTo } = open;
        const head = {
          kind,
          generation,
          segment,
          payloadBytes: payload.bytes,
          ordinal,
          item,
          salt: this.#salt,
          durableTo,
        };
        pieces.push(...encodeRecord(this.#key, head, offset, payload.pieces));
        this.#records.set(segment, (this.#records.get(segment) ?? 0) + 1);
        record.placed({ segment, offset });
        offset += recordBytes(payload.bytes);
        written.push(record);
      }
      rest = rest.slice(written.length);
      const isFull = offset >= this.#segmentBytesMax;
      if (isFull || written.some((record) => record.kind === "end")) {
        await open.file.appendDurably(pieces);
        open.durableTo = offset;
      } else await open.file.append(pieces);
      for (const record of written) record.done();
      if (isFull) {
        await this.#mark();
        await this.#leave(open.number);
      }
    }
  }

  /**
   * Writes down, without syncing, how far the open segment is synced: without it damage to the last acknowledged batch
   * would look like the torn end of a write that nobody was promised.
   */
  async #mark(): Promise<void> {
    const open = this.#open;
    if (open === undefined || open.markedTo === open.durableTo) return;
    await open.file.append(this.#markFor(open));
    open.markedTo = open.durableTo;
  }

  #markFor({ number: segment, generation, durableTo, file }: OpenSegment): Uint8Array[] {
    const head = { kind: "mark" as const, generation, segment, payloadBytes: 0, ordinal: 0, item: noItem, durableTo };
    return encodeRecord(this.#key, { ...head, salt: this.#salt }, file.bytes, []);
  }

  async #segment() {
    if (this.#open === undefined) {
      const spare = this.#spare.shift();
      const number = spare ?? this.#nextSegment++;
      this.#generation += 1;
      let file: AppendSegment;
      try {
        file = await this.#disk.openSegment(segmentPath(this.#directory, number));
      } catch (error) {
        if (spare !== undefined) this.#spare.unshift(spare);
        throw error;
      }
      this.#records.set(number, 0);
      this.#open = { number, file, durableTo: 0, markedTo: 0, generation: this.#generation };
      if (spare !== undefined) await this.#beginUse(this.#open);
    }
    return this.#open;
  }

  /**
   * Says durably that the file is in use again, by a mark within its first sector, before anything behind it is written:
   * a torn first batch over the records of an earlier use would look like damage to those.
   */
  async #beginUse(open: OpenSegment): Promise<void> {
    await open.file.appendDurably(this.#markFor(open));
    open.durableTo = open.file.bytes;
    open.markedTo = open.durableTo;
  }

  async #leave(segment: number): Promise<void> {
    await this.#open?.file.close();
    this.#open = undefined;
    if ((this.#records.get(segment) ?? 0) === 0 && !this.#pinned.has(segment)) this.#retire(segment);
  }

  async #abandonSegment(batch: Queued[], error: unknown): Promise<void> {
    this.#failures += 1;
    const left = this.#open;
    this.#open = undefined;
    await left?.file.close().catch(() => undefined);
    if (left !== undefined && (this.#records.get(left.number) ?? 0) === 0) this.#retire(left.number);
    const failure = isFailure(error, "DISK-FULL")
      ? new Failure("SPOOL-FULL", "later", "the spool's volume is full", { cause: error })
      : new Failure("SPOOL-BROKEN", "later", "the spool could not be written", { cause: error });
    this.#lastFailure = failure;
    for (const record of batch) record.failed(failure);
  }
}
