import { join } from "node:path";
import { Failure, isFailure, must } from "#core/index.ts";
import type { ByteRange, Bytes, Disk } from "#disk/index.ts";
import { type BlobName, type BlobStore, isBlobName } from "./blob-store.ts";
import { sameBytes, wholeRange } from "./bytes.ts";

/** Blobs as files below `directory`. Files whose name starts with a dot are unfinished and never listed. */
export function createFolderBlobStore(disk: Disk, directory: string): BlobStore {
  const pathOf = (name: BlobName): string => {
    must(isBlobName(name), `a blob name: ${name}`);
    return join(directory, name);
  };

  async function* get(name: BlobName, range?: ByteRange): Bytes {
    try {
      yield* wholeRange(name, disk.stream(pathOf(name), range), range);
    } catch (error) {
      if (isFailure(error, "DISK-MISSING"))
        throw new Failure("BLOB-MISSING", "never", `there is no blob ${name}`, { cause: error });
      throw error;
    }
  }

  async function namesBelow(folder: string): Promise<BlobName[]> {
    const names: BlobName[] = [];
    for (const entry of await disk.list(join(directory, folder))) {
      const name = folder + entry;
      if (!isBlobName(name)) continue;
      if ((await disk.size(join(directory, name))) === undefined) names.push(...(await namesBelow(`${name}/`)));
      else names.push(name);
    }
    return names;
  }

  async function* list(prefix: string): AsyncGenerator<BlobName> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const names = (await namesBelow(folder)).filter((name) => name.startsWith(prefix));
    yield* names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  return {
    traits: { locks: false, putBytesMax: Number.MAX_SAFE_INTEGER },
    put: async (name, body) => {
      try {
        return { bytes: await disk.create(pathOf(name), body()) };
      } catch (error) {
        if (!isFailure(error, "DISK-EXISTS")) throw error;
      }
      if (!(await sameBytes(body(), get(name))))
        throw new Failure("BLOB-CONFLICT", "never", `blob ${name} has other bytes`);
      return { bytes: (await disk.size(pathOf(name))) ?? 0 };
    },
    get,
    stat: async (name) => {
      const bytes = await disk.size(pathOf(name));
      return bytes === undefined ? undefined : { bytes };
    },
    list,
    delete: (name) => disk.remove(pathOf(name)),
  };
}
