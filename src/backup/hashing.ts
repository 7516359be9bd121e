import { createHash } from "node:crypto";
import { Failure, isFailure, type Sha256 } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/** Length and SHA-256 of bytes that went by. */
export interface Digest {
  bytes: number;
  sha256: Sha256;
}

/** Passes bytes on and tells `done` what they were, once the last was taken. */
export async function* hashing(source: Bytes, done: (digest: Digest) => void): Bytes {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of source) {
    hash.update(piece);
    bytes += piece.length;
    yield piece;
  }
  done({ bytes, sha256: hash.digest("hex") as Sha256 });
}

/** Reads to the end and says what it was. */
export async function digestOf(source: Bytes): Promise<Digest> {
  let digest: Digest = { bytes: 0, sha256: "" as Sha256 };
  const counted = hashing(source, (found) => {
    digest = found;
  });
  for await (const piece of counted) void piece;
  return digest;
}

/** One piece of text as bytes. */
export async function* textBytes(text: string): Bytes {
  yield Buffer.from(text);
}

/** Passes bytes on; when they cannot be read, it fails with `BACKUP-SOURCE`, never taken for trouble with writing. */
export async function* source(bytes: Bytes): Bytes {
  try {
    yield* bytes;
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new Failure("BACKUP-SOURCE", "never", error.message, { cause: error });
  }
}
