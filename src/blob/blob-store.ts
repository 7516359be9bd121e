import type { Instant, Sha256 } from "#core/index.ts";
import type { ByteRange, Bytes } from "#disk/index.ts";

/** A stored object's name: segments of `[a-z0-9_.-]` joined by `/`, never reused. */
export type BlobName = string & { readonly __brand: "BlobName" };

/** What is known of a blob without reading it. */
export interface BlobFacts {
  bytes: number;
  sha256: Sha256;
  lockedUntil?: Instant;
}

/**
 * Write-once bytes under names never reused.
 *
 * Throws {@link Failure}: `BLOB-MISSING` (never), `BLOB-CONFLICT` (never), `BLOB-SHORT` (never: fewer bytes than asked
 * for or promised), `BLOB-LOCKED` (later), and what the medium says (`DISK-FULL` …).
 */
export interface BlobStore {
  readonly traits: { locks: boolean; putBytesMax: number };
  /**
   * Stores `body` durably, all or nothing. Checks that it has the length and digest that `facts` promise.
   *
   * May be repeated: the same bytes under the same name are fine, other bytes are `BLOB-CONFLICT`. `body` may be asked
   * for again.
   */
  put(name: BlobName, body: () => Bytes, facts: BlobFacts): Promise<void>;
  /** Streams the blob or a stretch of it; `BLOB-SHORT` when it ends early. */
  get(name: BlobName, range?: ByteRange): Promise<Bytes>;
  /** Size in bytes, or undefined when absent. The digest is not read again. */
  stat(name: BlobName): Promise<{ bytes: number } | undefined>;
  /** Names with this prefix, in byte order, after `after`. */
  list(prefix: string, after?: BlobName): AsyncIterable<BlobName>;
  /** Absent is fine. */
  delete(name: BlobName): Promise<void>;
}
