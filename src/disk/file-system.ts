import { constants, link, mkdir, open, readdir, rename, rmdir, stat, statfs, unlink } from "node:fs/promises";

/** An open file or directory. */
export interface OpenFile {
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  writev(pieces: readonly Uint8Array[], position: number): Promise<{ bytesWritten: number }>;
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  stat(): Promise<{ size: number }>;
  /** Data and name where this is a directory; data, size and times of a file. */
  sync(): Promise<void>;
  /** Data and size. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The calls of an operating system that a durable disk is made of, as `node:fs/promises` has them: errors carry a `code`.
 *
 * It is a seam of its own so that the simulation can run the real disk's code over files that lose power.
 */
export interface FileSystem {
  /**
   * `wx` makes a file, `r+` opens one for writing, `r` a file or directory for reading and syncing. `durable` opens a file
   * for writing so that what a call writes, and the size it makes, is durable when the call resolves; of what was written
   * otherwise it says nothing.
   */
  open(path: string, flags: "r" | "r+" | "wx" | "wx+" | "durable", mode?: number): Promise<OpenFile>;
  link(existing: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, mode: number): Promise<void>;
  rmdir(path: string): Promise<void>;
  list(directory: string): Promise<{ name: string; isDirectory: boolean }[]>;
  stat(path: string): Promise<{ isFile: boolean; size: number }>;
  freeBytes(path: string): Promise<number>;
}

/** The operating system this process runs on. */
export const nodeFiles: FileSystem = {
  open: async (path, flags, mode) => {
    const handle = await open(path, flags === "durable" ? constants.O_RDWR | constants.O_DSYNC : flags, mode);
    return {
      write: (bytes, offset, length, position) => handle.write(bytes, offset, length, position),
      writev: (pieces, position) => handle.writev(pieces as readonly NodeJS.ArrayBufferView[], position),
      read: (into, offset, length, position) => handle.read(into, offset, length, position),
      stat: () => handle.stat(),
      sync: () => handle.sync(),
      datasync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  link,
  rename,
  unlink,
  mkdir: async (path, mode) => {
    await mkdir(path, mode);
  },
  rmdir,
  list: async (directory) =>
    (await readdir(directory, { withFileTypes: true })).map((entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory(),
    })),
  stat: async (path) => {
    const facts = await stat(path);
    return { isFile: facts.isFile(), size: facts.size };
  },
  freeBytes: async (path) => {
    const facts = await statfs(path);
    return facts.bavail * facts.bsize;
  },
};
