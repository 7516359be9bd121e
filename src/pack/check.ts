import { createHash, type Hash } from "node:crypto";
import type { BlobName, BlobStore } from "#blob/index.ts";
import { Failure, isFailure, type Sha256 } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { decodeTrailer, trailerBytes } from "./layout.ts";
import { listFrames, type OpenPack, readEnds, readFrame, readWhole } from "./read.ts";

/** One damaged place of a pack. `frame` has the offset of the frame; the others concern the whole pack. */
export type PackDamage =
  | { place: "header" | "header copy" | "table" | "trailer" | "length" | "digest"; detail: string }
  | { place: "frame" | "directory"; offset: number; detail: string };

async function hashed(hash: Hash, bytes: Bytes): Promise<Hash> {
  for await (const piece of bytes) hash.update(piece);
  return hash;
}

/**
 * Reads every byte of a pack once and says whether they are those that were written: the whole by the digest that the
 * catalogue states, everything before the trailer by the trailer's own. Needs no key, opens nothing.
 *
 * @param expected digest of the whole pack, as the catalogue states it; null where no catalogue is at hand
 * Throws what the store throws (`BLOB-MISSING`, `DISK-FAULT`).
 */
export async function isPackAsWritten(store: BlobStore, name: BlobName, expected: Sha256 | null): Promise<boolean> {
  const bytes = (await store.stat(name))?.bytes;
  if (bytes === undefined) throw new Failure("BLOB-MISSING", "never", `there is no blob ${name}`);
  if (bytes < trailerBytes) return false;
  const bodyBytes = bytes - trailerBytes;
  const whole = await hashed(createHash("sha256"), store.get(name, { start: 0, length: bodyBytes }));
  const body = whole.copy().digest();
  const trailer = await readWhole(store, name, { start: bodyBytes, length: trailerBytes });
  // The catalogue's digest alone would not do: one that was rebuilt from packs states what it found.
  const isExpected = expected === null || whole.update(trailer).digest("hex") === expected;
  return isExpected && decodeTrailer(trailer)?.digest.equals(body) === true;
}

/**
 * Reads every byte of a pack and names each damaged place. An empty list means: every byte is as it was written.
 *
 * @param expected digest of the whole pack, as the catalogue states it; null where no catalogue is at hand
 * Throws only what the store throws for the whole blob (`BLOB-MISSING`, `DISK-FAULT`).
 */
export async function checkPack(store: BlobStore, pack: OpenPack, expected: Sha256 | null): Promise<PackDamage[]> {
  const found: PackDamage[] = [];
  const { bytes, header, headerCopy, trailer } = await readEnds(store, pack.name);
  if (header === undefined)
    found.push({ place: "header", detail: "the header does not match its digest; its copy is used" });
  if (trailer === undefined)
    found.push({ place: "trailer", detail: "the trailer does not match its digest; frames are found by walking" });
  else {
    if (headerCopy === undefined)
      found.push({ place: "header copy", detail: "the header's copy does not match its digest" });
    if (trailer.packBytes !== bytes)
      found.push({ place: "length", detail: `${bytes} bytes instead of ${trailer.packBytes}` });
    try {
      await readFrame(store, pack, { start: trailer.tableOffset, length: trailer.tableBytes });
    } catch (error) {
      if (!isFailure(error)) throw error;
      found.push({ place: "table", detail: "the table frame does not open; frames are found by walking" });
    }
  }
  for (const frame of await listFrames(store, pack)) {
    try {
      await readFrame(store, pack, { start: frame.offset, length: frame.length });
    } catch (error) {
      if (!isFailure(error)) throw error;
      found.push({
        place: frame.type === "content" ? "frame" : "directory",
        offset: frame.offset,
        detail: error.message,
      });
    }
  }
  if (found.length === 0 && !(await isPackAsWritten(store, pack.name, expected)))
    found.push({ place: "digest", detail: "the whole does not match the digest it was written with" });
  return found;
}
