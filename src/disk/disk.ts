/** Bytes in pieces; a producer of these can be asked again for the same bytes where a seam says so. */
export type Bytes = AsyncIterable<Uint8Array>;

/** A stretch of a file: `length` bytes from `start`. */
export interface ByteRange {
  start: number;
  length: number;
}

/**
 * A file that is written front to back and synced at points of the caller's choosing.
 *
 * `append` resolves when the bytes are handed to the operating system, not when they are durable; `sync` resolves when
 * every byte appended before the call is durable, and so is the file's name. After any of them threw, nothing about the
 * bytes since the last successful `sync` may be believed and the segment takes no more (`DISK-SUSPECT`).
 */
export interface AppendSegment {
  /** Writes `pieces` one after the other; calls must not overlap. Returns the offset of the first byte. */
  append(pieces: readonly Uint8Array[]): Promise<number>;
  /** `append` and then `sync`, in a single step of the system's where nothing else waits to be synced. */
  appendDurably(pieces: readonly Uint8Array[]): Promise<number>;
  sync(): Promise<void>;
  /** Bytes appended so far. */
  readonly bytes: number;
  /** Closes without syncing. May be repeated. */
  close(): Promise<void>;
}

/** Reads a stretch of a file; short when the file is. */
export type ReadAt = (path: string, range: ByteRange) => Promise<Uint8Array>;

/**
 * The file system, reduced to operations whose durability cannot be got wrong. Paths are absolute.
 *
 * Throws {@link Failure}: `DISK-FULL` (retry later), `DISK-MISSING` (never), `DISK-EXISTS` (never), `DISK-FAULT`
 * (later). Directories are made as needed and synced with their parents.
 */
export interface Disk {
  /**
   * Writes a new file under its final name: all of `body` synced, then named, then the directory synced.
   *
   * All or nothing, also across power loss. `DISK-EXISTS` when the name is taken; that file is durable then. After any
   * other failure the name may be taken all the same, and is to be removed before the call is made again.
   * @returns the file's size in bytes
   */
  create(path: string, body: Bytes): Promise<number>;
  /** As `create`, but a file of that name is replaced in one step. */
  replace(path: string, body: Bytes): Promise<number>;
  /**
   * Opens `path` for writing from its start; an existing file keeps its blocks, whose old content must be told apart by
   * the caller (the spool does by generation).
   */
  openSegment(path: string): Promise<AppendSegment>;
  /** Reads `range`, or the whole file; short when the file is. */
  read(path: string, range?: ByteRange): Promise<Uint8Array>;
  /**
   * Gives `work` a reader that opens each file once, for many reads of few files; they are closed when `work` ends. A file
   * that is replaced meanwhile may be read as it was.
   */
  reading<Result>(work: (readAt: ReadAt) => Promise<Result>): Promise<Result>;
  /** Streams `range`, or the whole file, in pieces of at most 1 MiB. */
  stream(path: string, range?: ByteRange): Bytes;
  /** Size in bytes, or undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** Names of the files and folders in `directory`, in byte order; empty when it is no folder. */
  list(directory: string): Promise<readonly string[]>;
  /** Removes a file and syncs its directory; absent is fine. May be repeated until it resolves. */
  remove(path: string): Promise<void>;
  /**
   * Makes what a killed process left below `directory` certain, before anything builds on it: files that were never
   * finished are removed, and every name that is found is durable. For its only user, at start. May be repeated.
   */
  settle(directory: string): Promise<void>;
  /** Free bytes for this process on the volume that holds `path`. */
  freeBytes(path: string): Promise<number>;
}
