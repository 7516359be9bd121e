import { Failure, must } from "#core/index.ts";
import type { ByteRange, Bytes } from "#disk/index.ts";
import { type BlobName, type BlobStore, isBlobName } from "./blob-store.ts";
import { sameBytes, wholeRange } from "./bytes.ts";

async function* oneByOne(bytes: Uint8Array): Bytes {
  yield bytes;
}

/** Blobs in memory: the twin for tests and the simulation. */
export function createMemoryBlobStore(): BlobStore {
  const blobs = new Map<BlobName, Buffer>();

  async function* get(name: BlobName, range?: ByteRange): Bytes {
    const bytes = blobs.get(name);
    if (bytes === undefined) throw new Failure("BLOB-MISSING", "never", `there is no blob ${name}`);
    const wanted = range === undefined ? bytes : bytes.subarray(range.start, range.start + range.length);
    yield* wholeRange(name, oneByOne(Buffer.from(wanted)), range);
  }

  return {
    traits: { locks: false, putBytesMax: Number.MAX_SAFE_INTEGER },
    put: async (name, body) => {
      must(isBlobName(name), `a blob name: ${name}`);
      const pieces: Uint8Array[] = [];
      for await (const piece of body()) pieces.push(Buffer.from(piece));
      const bytes = Buffer.concat(pieces);
      const old = blobs.get(name);
      if (old !== undefined && !(await sameBytes(oneByOne(bytes), oneByOne(old))))
        throw new Failure("BLOB-CONFLICT", "never", `blob ${name} has other bytes`);
      blobs.set(name, bytes);
      return { bytes: bytes.length };
    },
    get,
    stat: async (name) => {
      const bytes = blobs.get(name)?.length;
      return bytes === undefined ? undefined : { bytes };
    },
    list: async function* (prefix) {
      const names = [...blobs.keys()].filter((name) => name.startsWith(prefix)).sort();
      yield* names;
    },
    delete: async (name) => {
      blobs.delete(name);
    },
  };
}
