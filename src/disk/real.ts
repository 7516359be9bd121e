import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { Failure, MiB } from "#core/index.ts";
import type { AppendSegment, ByteRange, Bytes, Disk, ReadAt } from "./disk.ts";
import { type FileSystem, nodeFiles, type OpenFile } from "./file-system.ts";
import { passingFiles } from "./passing-files.ts";

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

async function syncDirectory(files: FileSystem, directory: string): Promise<void> {
  const handle = await files.open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isThere(files: FileSystem, path: string): Promise<boolean> {
  try {
    await files.stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * Makes `directory` and its missing parents, the uppermost first, each made to last before the next. When that fails it is
 * taken away again: left there, the next call would find it and never sync its name.
 */
async function makeDirectory(files: FileSystem, directory: string): Promise<void> {
  const missing: string[] = [];
  for (let at = directory; !(await isThere(files, at)); at = dirname(at)) missing.push(at);
  for (const each of missing.reverse()) {
    await files.mkdir(each, 0o700);
    try {
      await syncDirectory(files, dirname(each));
    } catch (error) {
      await files.rmdir(each).catch(() => undefined);
      throw error;
    }
  }
}

/** Makes directories one call after the other: who finds a directory made by another call must not use it before it lasts. */
function directoryMaker(files: FileSystem): (directory: string) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (directory) => {
    const made = last.then(() => makeDirectory(files, directory));
    last = made.catch(() => undefined);
    return made;
  };
}

async function writeAll(handle: OpenFile, body: Bytes): Promise<number> {
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

/** Writes and syncs `body` beside `path`, then gives it its name by `publish`. */
async function writeNamed(
  files: FileSystem,
  unfinishedName: string,
  path: string,
  body: Bytes,
  publish: (unfinished: string) => Promise<void>,
): Promise<number> {
  const unfinished = join(dirname(path), unfinishedPrefix + unfinishedName);
  const handle = await files.open(unfinished, "wx", 0o600);
  try {
    let bytes: number;
    try {
      bytes = await writeAll(handle, body);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(unfinished);
    return bytes;
  } catch (error) {
    await files.unlink(unfinished).catch(() => undefined);
    throw error;
  }
}

/** Publishes under a name that must be free, and takes the name back when it cannot be made to last. */
async function publishNew(files: FileSystem, unfinished: string, path: string): Promise<void> {
  const directory = dirname(path);
  try {
    // A hard link is the one way to name a file that fails when the name is taken.
    await files.link(unfinished, path);
  } catch (error) {
    // Whoever is told that the name is taken may rely on it, so it has to last.
    if (codeOf(error) === "EEXIST") await syncDirectory(files, directory);
    throw error;
  }
  try {
    await files.unlink(unfinished);
    await syncDirectory(files, directory);
  } catch (error) {
    await files.unlink(path).catch(() => undefined);
    throw error;
  }
}

async function replaceNamed(files: FileSystem, unfinished: string, path: string): Promise<void> {
  await files.rename(unfinished, path);
  await syncDirectory(files, dirname(path));
}

/** One file opened twice: for writing, and for writing what is durable at once. */
interface SegmentHandles {
  plain: OpenFile;
  durable: OpenFile;
}

class RealSegment implements AppendSegment {
  readonly #handles: SegmentHandles;
  readonly #path: string;
  #bytes = 0;
  #syncedBytes = 0;
  #isSuspect = false;
  #isClosed = false;

  constructor(handles: SegmentHandles, path: string) {
    this.#handles = handles;
    this.#path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(pieces: readonly Uint8Array[]): Promise<number> {
    const start = this.#bytes;
    await this.#guarded("append", () => this.#write(this.#handles.plain, pieces));
    return start;
  }

  async appendDurably(pieces: readonly Uint8Array[]): Promise<number> {
    const start = this.#bytes;
    // One call writes and syncs, but only what it wrote: with something else waiting, the file is synced as a whole.
    if (this.#syncedBytes === start) {
      await this.#guarded("append", () => this.#write(this.#handles.durable, pieces));
      this.#syncedBytes = this.#bytes;
    } else {
      await this.append(pieces);
      await this.sync();
    }
    return start;
  }

  async sync(): Promise<void> {
    const { plain } = this.#handles;
    await this.#guarded("sync", () => plain.datasync());
    this.#syncedBytes = this.#bytes;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { plain, durable } = this.#handles;
    await attempt(`close ${this.#path}`, async () => {
      await Promise.all([plain.close(), durable.close()]);
    });
  }

  async #write(handle: OpenFile, pieces: readonly Uint8Array[]): Promise<void> {
    let left = pieces.filter((piece) => piece.length > 0);
    while (left.length > 0) {
      const { bytesWritten } = await handle.writev(left, this.#bytes);
      this.#bytes += bytesWritten;
      left = dropWritten(left, bytesWritten);
    }
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

/**
 * Opens the file, making it where there is none. Its directory is synced in any case: a file that is found may be one whose
 * maker died before the name would last.
 */
async function openForSegment(
  files: FileSystem,
  path: string,
  makeDirectory: (directory: string) => Promise<void>,
): Promise<SegmentHandles> {
  const directory = dirname(path);
  let handle: OpenFile;
  let isNew = false;
  try {
    handle = await files.open(path, "r+");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await makeDirectory(directory);
    handle = await files.open(path, "wx+", 0o600);
    isNew = true;
  }
  try {
    await syncDirectory(files, directory);
    return { plain: handle, durable: await files.open(path, "durable") };
  } catch (error) {
    await handle.close().catch(() => undefined);
    if (isNew) await files.unlink(path).catch(() => undefined);
    throw error;
  }
}

async function* streamFile(files: FileSystem, path: string, range: ByteRange | undefined): Bytes {
  const handle = await attempt(`open ${path}`, () => files.open(path, "r"));
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

async function readRange(handle: OpenFile, { start, length }: ByteRange): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function readFileRange(files: FileSystem, path: string, range: ByteRange | undefined): Promise<Uint8Array> {
  const handle = await files.open(path, "r");
  try {
    return await readRange(handle, range ?? { start: 0, length: (await handle.stat()).size });
  } finally {
    await handle.close();
  }
}

async function readingFiles<Result>(files: FileSystem, work: (readAt: ReadAt) => Promise<Result>): Promise<Result> {
  const handles = new Map<string, Promise<OpenFile>>();
  const readAt: ReadAt = (path, range) =>
    attempt(`read ${path}`, async () => {
      const handle = handles.get(path) ?? files.open(path, "r");
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

/** Whether we may not look there, as in a volume's `lost+found`: then nothing of ours was made there either. */
function isForbidden(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(codeOf(error));
}

async function settleOne(files: FileSystem, directory: string): Promise<string[]> {
  const inner: string[] = [];
  for (const { name, isDirectory } of await files.list(directory)) {
    if (isDirectory) inner.push(join(directory, name));
    else if (name.startsWith(unfinishedPrefix)) await files.unlink(join(directory, name));
  }
  await syncDirectory(files, directory);
  return inner;
}

/** Removes what was never finished below `top` and syncs each directory and the one `top` is in. Walks without recursion. */
async function settleBelow(files: FileSystem, top: string): Promise<void> {
  const directories = [top];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    try {
      directories.push(...(await settleOne(files, directory)));
    } catch (error) {
      if (!isForbidden(error)) throw error;
    }
  }
  try {
    await syncDirectory(files, dirname(top));
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
}

async function removeFile(files: FileSystem, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  try {
    // Also where there was none: an earlier call may have removed it and failed to make that last.
    await syncDirectory(files, dirname(path));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/**
 * The file system of this machine. Durable in the order the seam promises: file synced, then named, then directory synced.
 *
 * @param files the calls it is made of
 * @param unfinishedName gives each unfinished file a name of its own
 */
export function createRealDisk(
  files: FileSystem = nodeFiles,
  unfinishedName: () => string = () => randomBytes(8).toString("hex"),
): Disk {
  const makeDirectory = directoryMaker(files);
  const write = async (path: string, body: Bytes, publish: typeof publishNew) => {
    await makeDirectory(dirname(path));
    return writeNamed(files, unfinishedName(), path, body, (unfinished) => publish(files, unfinished, path));
  };
  return {
    create: (path, body) => attempt(`create ${path}`, () => write(path, body, publishNew)),
    replace: (path, body) => attempt(`replace ${path}`, () => write(path, body, replaceNamed)),
    openSegment: (path) =>
      attempt(`open ${path}`, async () => new RealSegment(await openForSegment(files, path, makeDirectory), path)),
    read: (path, range) => attempt(`read ${path}`, () => readFileRange(files, path, range)),
    reading: (work) => readingFiles(files, work),
    stream: (path, range) => streamFile(files, path, range),
    size: async (path) => {
      try {
        const facts = await files.stat(path);
        return facts.isFile ? facts.size : undefined;
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        throw diskFailure(`stat ${path}`, error);
      }
    },
    list: (directory) =>
      attempt(`list ${directory}`, async () => {
        try {
          const names = (await files.list(directory)).map(({ name }) => name);
          return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        } catch (error) {
          if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
          throw error;
        }
      }),
    remove: (path) => attempt(`remove ${path}`, () => removeFile(files, path)),
    settle: (directory) => attempt(`settle ${directory}`, () => settleBelow(files, directory)),
    freeBytes: (path) => attempt(`free space of ${path}`, () => files.freeBytes(path)),
  };
}

/** The same disk; `passed` is told how many bytes each call of the system has read or written. */
export const createPassingDisk = (passed: (bytes: number) => void): Disk =>
  createRealDisk(passingFiles(nodeFiles, passed));
