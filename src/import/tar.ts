import { createReadStream, type ReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { MiB, messageBytesMax } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { readFault } from "./files.ts";
import type { Found } from "./found.ts";
import { fromLineBytes } from "./from-line.ts";
import { headBytes, looksLikeMail } from "./looks-like-mail.ts";
import { sourceKeyOf } from "./source-key.ts";

/** Largest member of a tar that is held whole, so that it can be offered again; larger ones pass by once. */
export const memberHeldBytesMax = MiB;

/**
 * The members of a tar, gzipped or not; each that looks like mail is one message and is never split.
 *
 * Members before a damage are found; the damage itself is one unreadable thing. Links and folders inside are passed
 * over, and so is a container in the container.
 * @param isGzip whether the file begins as gzip does
 */
export async function* readTar(path: Buffer, isGzip: boolean): AsyncIterable<Found> {
  const feed = new TarFeed(path, isGzip);
  const members = extract();
  const source = Readable.from(feed.bytes());
  source.on("error", (error) => members.destroy(error));
  source.pipe(members);

  let ordinal = 0;
  let fault: unknown;
  try {
    for await (const entry of members) {
      const { header } = entry;
      const place = { path, member: header.name, ordinal, size: header.size ?? 0 };
      ordinal += 1;
      const pieces = entry[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      if (header.type === "file" || header.type === "contiguous-file") yield* readMember(place, pieces);
      await drained(pieces);
    }
  } catch (error) {
    fault = error;
  } finally {
    source.destroy();
    members.destroy();
  }
  fault = feed.fault ?? fault;
  if (fault !== undefined) yield { kind: "unreadable", label: String(path), reason: readFault(fault) };
}

/** The bytes of a tar file. A fault ends them and is kept, so that what was read before it is still found. */
class TarFeed {
  fault: unknown;
  readonly #file: ReadStream;
  readonly #plain: Readable;

  constructor(path: Buffer, isGzip: boolean) {
    this.#file = createReadStream(path, { highWaterMark: 256 * 1024 });
    this.#plain = isGzip ? pipeline(this.#file, createGunzip({ chunkSize: 256 * 1024 }), () => undefined) : this.#file;
  }

  async *bytes(): Bytes {
    try {
      yield* this.#plain as AsyncIterable<Uint8Array>;
    } catch (error) {
      this.fault = error;
    } finally {
      this.#file.destroy();
    }
  }
}

interface MemberPlace {
  path: Buffer;
  member: string;
  ordinal: number;
  /** Octets of the member. */
  size: number;
}

async function* readMember(place: MemberPlace, pieces: AsyncIterator<Uint8Array>): AsyncIterable<Found> {
  const { path, member, ordinal, size } = place;
  const label = `${path}: ${member}`;
  const isHeld = size <= memberHeldBytesMax;
  const start = await taken(pieces, isHeld ? size : headBytes);
  const mail = looksLikeMail(member.slice(member.lastIndexOf("/") + 1), start.subarray(0, headBytes));
  if (!mail.isMail) {
    yield { kind: "ignored", label, reason: mail.reason };
    return;
  }
  const skipped = fromLineBytes(start.subarray(0, headBytes));
  const length = size - skipped;
  if (length > messageBytesMax) {
    yield { kind: "unreadable", label, reason: tooLarge };
    return;
  }
  const found = { kind: "message" as const, sourceKey: sourceKeyOf(path, member, ordinal), label, length };
  const first = start.subarray(skipped);
  if (isHeld) {
    yield { ...found, isRepeatable: true, bytes: () => held(first) };
  } else {
    const passing = new PassingBytes(first, pieces);
    yield { ...found, isRepeatable: false, bytes: () => passing.take() };
    await passing.passed();
  }
}

/** Why a message above `messageBytesMax` is not imported. */
export const tooLarge = `larger than the ${messageBytesMax / MiB} MiB that a message may have`;

async function* held(bytes: Uint8Array): Bytes {
  yield bytes;
}

/** A member that passes by once: the tar goes on when its reader is done, or never took it. */
class PassingBytes implements AsyncIterableIterator<Uint8Array> {
  #first: Uint8Array | null;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #isTaken = false;
  readonly #done = Promise.withResolvers<void>();

  constructor(first: Uint8Array, pieces: AsyncIterator<Uint8Array>) {
    this.#first = first;
    this.#pieces = pieces;
  }

  take(): Bytes {
    this.#isTaken = true;
    return this;
  }

  async passed(): Promise<void> {
    if (this.#isTaken) await this.#done.promise;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#first !== null) {
      const value = this.#first;
      this.#first = null;
      return { done: false, value };
    }
    try {
      const next = await this.#pieces.next();
      if (next.done) this.#done.resolve();
      return next;
    } catch (error) {
      this.#done.resolve();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#done.resolve();
    return { done: true, value: undefined };
  }
}

/** At least `length` octets from the pieces, or all there are. */
async function taken(pieces: AsyncIterator<Uint8Array>, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const next = await pieces.next();
    if (next.done) break;
    parts.push(next.value);
    bytes += next.value.length;
  }
  return Buffer.concat(parts);
}

async function drained(pieces: AsyncIterator<Uint8Array>): Promise<void> {
  while (!(await pieces.next()).done);
}
