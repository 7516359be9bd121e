import type { ByteRange, Bytes } from "#disk/index.ts";

/** A stored object's name: segments of `[a-z0-9_.-]` joined by `/`, never reused. */
export type BlobName = string & { readonly __brand: "BlobName" };

/** Whether `text` may name a blob. Names never climb out of the store: a segment does not start with a dot. */
export function isBlobName(text: string): text is BlobName {
  return text.length <= 512 && /^[a-z0-9_-][a-z0-9_.-]*(?:\/[a-z0-9_-][a-z0-9_.-]*)*$/.test(text);
}

/**
 * Write-once bytes under names never reused.
 *
 * Throws {@link Failure}: `BLOB-MISSING` (never), `BLOB-CONFLICT` (never), `BLOB-SHORT` (never: fewer bytes than asked
 * for), and what the medium says (`DISK-FULL` …).
 */
export interface BlobStore {
  readonly traits: { locks: boolean; putBytesMax: number };
  /**
   * Stores `body` durably, all or nothing, and resolves with its length.
   *
   * May be repeated: the same bytes under the same name are fine, other bytes are `BLOB-CONFLICT`. `body` may be asked
   * for again and must then give the same bytes.
   */
  put(name: BlobName, body: () => Bytes): Promise<{ bytes: number }>;
  /** Streams the blob or a stretch of it; `BLOB-SHORT` when it ends early. */
  get(name: BlobName, range?: ByteRange): Bytes;
  /** Size in bytes, or undefined when absent. */
  stat(name: BlobName): Promise<{ bytes: number } | undefined>;
  /** Names that start with `prefix`, in byte order. */
  list(prefix: string): AsyncIterable<BlobName>;
  /** Absent is fine. */
  delete(name: BlobName): Promise<void>;
}
