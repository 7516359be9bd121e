import { Failure, MiB } from "#core/index.ts";
import type { AppendSegment, ByteRange, Bytes, Disk } from "./disk.ts";

async function gather(body: Bytes): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function cut(bytes: Buffer, range: ByteRange | undefined): Buffer {
  return range === undefined ? bytes : bytes.subarray(range.start, range.start + range.length);
}

/** A disk in memory: the twin that tests of modules above the seam run on. Everything is durable at once. */
export function createMemoryDisk(): Disk {
  const files = new Map<string, Buffer>();
  /** Space behind files that grow, so that appending does not copy the whole each time. */
  const spaces = new Map<string, Buffer>();

  /** The file's bytes, at least `bytes` of them. */
  function room(path: string, bytes: number): Buffer {
    const old = need(path);
    if (old.length >= bytes) return old;
    let space = spaces.get(path);
    if (space === undefined || space.buffer !== old.buffer || space.length < bytes) {
      space = Buffer.alloc(Math.max(bytes * 2, 4096));
      old.copy(space);
      spaces.set(path, space);
    }
    const grown = space.subarray(0, bytes);
    files.set(path, grown);
    return grown;
  }

  function need(path: string): Buffer {
    const bytes = files.get(path);
    if (bytes === undefined) throw new Failure("DISK-MISSING", "never", `read ${path}: no such file`);
    return bytes;
  }

  return {
    create: async (path, body) => {
      const bytes = await gather(body);
      if (files.has(path)) throw new Failure("DISK-EXISTS", "never", `create ${path}: the name is taken`);
      files.set(path, bytes);
      return bytes.length;
    },
    replace: async (path, body) => {
      const bytes = await gather(body);
      files.set(path, bytes);
      return bytes.length;
    },
    openSegment: async (path): Promise<AppendSegment> => {
      files.set(path, files.get(path) ?? Buffer.alloc(0));
      let bytes = 0;
      const append = async (pieces: readonly Uint8Array[]) => {
        const start = bytes;
        for (const piece of pieces) {
          const file = room(path, bytes + piece.length);
          file.set(piece, bytes);
          bytes += piece.length;
        }
        return start;
      };
      return {
        get bytes() {
          return bytes;
        },
        append,
        appendDurably: append,
        sync: async () => {},
        close: async () => {},
      };
    },
    read: async (path, range) => Buffer.from(cut(need(path), range)),
    reading: (work) => work(async (path, range) => Buffer.from(cut(need(path), range))),
    stream: async function* (path, range) {
      const bytes = cut(need(path), range);
      for (let start = 0; start < bytes.length; start += MiB) yield Buffer.from(bytes.subarray(start, start + MiB));
    },
    size: async (path) => files.get(path)?.length,
    list: async (directory) => {
      const prefix = directory.endsWith("/") ? directory : `${directory}/`;
      const names = new Set<string>();
      for (const path of files.keys())
        if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split("/")[0] as string);
      return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    },
    remove: async (path) => {
      files.delete(path);
    },
    settle: async () => {},
    freeBytes: async () => 64 * 1024 * MiB,
  };
}
