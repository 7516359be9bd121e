import { randomBytes } from "node:crypto";
import { constants, type FileHandle, link, mkdir, open, readdir, rename, stat, statfs, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure, MiB } from "#core/index.ts";
import type { AppendSegment, ByteRange, Bytes, Disk, ReadAt } from "./disk.ts";

/** Names of unfinished files start with this, so that start-up can tell them apart; nothing promised is in them. */
const unfinishedPrefix = ".unfinished-";

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException)?.code ?? "";
}

/** The seam's failure for what the operating system said. */
function diskFailure(doing: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  const more = { publicText: "the storage is not available", cause: error };
  if (code === "ENOSPC" || code === "EDQUOT") return new Failure("DISK-FULL", "later", `${doing}: no space left`, more);
  if (code === "ENOENT") return new Failure("DISK-MISSING", "never", `${doing}: no such file`, more);
  if (code === "EEXIST") return new Failure("DISK-EXISTS", "never", `${doing}: the name is taken`, more);
  return new Failure("DISK-FAULT", "later", `${doing}: ${code || String(error)}`, more);
}

async function attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure(doing, error);
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes `directory` and its missing parents, syncing each parent that gained a name. */
async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

async function writeAll(handle: FileHandle, body: Bytes): Promise<number> {
  let bytes = 0;
  for await (const piece of body) {
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await handle.write(piece, done, piece.length - done, bytes + done);
      done += bytesWritten;
    }
    bytes += piece.length;
  }
  return bytes;
}

/** Writes and syncs `body` beside `path`, then gives it its name by `publish`, then syncs the directory. */
async function writeNamed(path: string, body: Bytes, publish: (unfinished: string) => Promise<void>): Promise<number> {
  const directory = dirname(path);
  await makeDirectory(directory);
  const unfinished = join(directory, unfinishedPrefix + randomBytes(8).toString("hex"));
  const handle = await open(unfinished, "wx", 0o600);
  try {
    let bytes: number;
    try {
      bytes = await writeAll(handle, body);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(unfinished);
    await syncDirectory(directory);
    return bytes;
  } catch (error) {
    await unlink(unfinished).catch(() => undefined);
    throw error;
  }
}

class RealSegment implements AppendSegment {
  readonly #handle: FileHandle;
  readonly #path: string;
  #bytes = 0;
  #isSuspect = false;
  #isClosed = false;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(pieces: readonly Uint8Array[]): Promise<number> {
    const start = this.#bytes;
    await this.#guarded("append", async () => {
      let left = pieces.filter((piece) => piece.length > 0);
      while (left.length > 0) {
        const { bytesWritten } = await this.#handle.writev(left as NodeJS.ArrayBufferView[], this.#bytes);
        this.#bytes += bytesWritten;
        left = dropWritten(left, bytesWritten);
      }
    });
    return start;
  }

  async sync(): Promise<void> {
    await this.#guarded("sync", () => this.#handle.datasync());
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await attempt(`close ${this.#path}`, () => this.#handle.close());
  }

  /** After one failure the kernel may have dropped dirty pages and forgotten it, so nothing later is believed. */
  async #guarded(doing: string, work: () => Promise<void>): Promise<void> {
    if (this.#isSuspect) throw new Failure("DISK-SUSPECT", "later", `${doing} ${this.#path}: an earlier write failed`);
    try {
      await work();
    } catch (error) {
      this.#isSuspect = true;
      throw diskFailure(`${doing} ${this.#path}`, error);
    }
  }
}

function dropWritten(pieces: readonly Uint8Array[], written: number): Uint8Array[] {
  let left = written;
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    if (left >= piece.length) left -= piece.length;
    else {
      rest.push(left > 0 ? piece.subarray(left) : piece);
      left = 0;
    }
  }
  return rest;
}

async function openForSegment(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  await makeDirectory(dirname(path));
  const handle = await open(path, "wx+", 0o600);
  await syncDirectory(dirname(path));
  return handle;
}

async function* streamFile(path: string, range: ByteRange | undefined): Bytes {
  const handle = await attempt(`open ${path}`, () => open(path, "r"));
  try {
    let position = range?.start ?? 0;
    let left = range?.length ?? Number.POSITIVE_INFINITY;
    while (left > 0) {
      const piece = Buffer.allocUnsafe(Math.min(MiB, left));
      const { bytesRead } = await attempt(`read ${path}`, () => handle.read(piece, 0, piece.length, position));
      if (bytesRead === 0) return;
      position += bytesRead;
      left -= bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function readRange(handle: FileHandle, { start, length }: ByteRange): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function readFileRange(path: string, range: ByteRange | undefined): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    return await readRange(handle, range ?? { start: 0, length: (await handle.stat()).size });
  } finally {
    await handle.close();
  }
}

async function readingFiles<Result>(work: (readAt: ReadAt) => Promise<Result>): Promise<Result> {
  const handles = new Map<string, Promise<FileHandle>>();
  const readAt: ReadAt = (path, range) =>
    attempt(`read ${path}`, async () => {
      const handle = handles.get(path) ?? open(path, "r");
      handles.set(path, handle);
      return readRange(await handle, range);
    });
  try {
    return await work(readAt);
  } finally {
    // A file that could not be opened has told its reader so; there is nothing to close.
    for (const handle of handles.values()) await handle.then((one) => one.close()).catch(() => undefined);
  }
}

/** The file system of this machine. Durable in the order the seam promises: file synced, then named, then directory synced. */
export function createRealDisk(): Disk {
  return {
    create: (path, body) =>
      attempt(`create ${path}`, () =>
        writeNamed(path, body, async (unfinished) => {
          // A hard link is the one way to name a file that fails when the name is taken.
          await link(unfinished, path);
          await unlink(unfinished);
        }),
      ),
    replace: (path, body) =>
      attempt(`replace ${path}`, () => writeNamed(path, body, (unfinished) => rename(unfinished, path))),
    openSegment: (path) => attempt(`open ${path}`, async () => new RealSegment(await openForSegment(path), path)),
    read: (path, range) => attempt(`read ${path}`, () => readFileRange(path, range)),
    reading: readingFiles,
    stream: streamFile,
    size: async (path) => {
      try {
        const facts = await stat(path);
        return facts.isFile() ? facts.size : undefined;
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        throw diskFailure(`stat ${path}`, error);
      }
    },
    list: (directory) =>
      attempt(`list ${directory}`, async () => {
        try {
          return (await readdir(directory)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        } catch (error) {
          if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
          throw error;
        }
      }),
    remove: (path) =>
      attempt(`remove ${path}`, async () => {
        try {
          await unlink(path);
        } catch (error) {
          if (codeOf(error) === "ENOENT") return;
          throw error;
        }
        await syncDirectory(dirname(path));
      }),
    freeBytes: (path) =>
      attempt(`free space of ${path}`, async () => {
        const facts = await statfs(path);
        return facts.bavail * facts.bsize;
      }),
  };
}
