import { createHash } from "node:crypto";
import type { BlobStore } from "#blob/index.ts";
import { isFailure } from "#core/index.ts";
import { trailerBytes } from "./layout.ts";
import { listFrames, type OpenPack, readEnds, readFrame } from "./read.ts";

/** One damaged place of a pack. `frame` has the offset of the frame; the others concern the whole pack. */
export type PackDamage =
  | { place: "header" | "header copy" | "table" | "trailer" | "length" | "digest"; detail: string }
  | { place: "frame" | "directory"; offset: number; detail: string };

/** Compares the digest of everything before the trailer with the trailer's. */
async function wholeDigest(store: BlobStore, pack: OpenPack, bytes: number): Promise<Buffer> {
  const hash = createHash("sha256");
  for await (const piece of store.get(pack.name, { start: 0, length: bytes - trailerBytes })) hash.update(piece);
  return hash.digest();
}

/**
 * Reads every byte of a pack and names each damaged place. An empty list means: every byte is as it was written.
 *
 * Throws only what the store throws for the whole blob (`BLOB-MISSING`, `DISK-FAULT`).
 */
export async function checkPack(store: BlobStore, pack: OpenPack): Promise<PackDamage[]> {
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
  if (found.length === 0 && trailer !== undefined && !(await wholeDigest(store, pack, bytes)).equals(trailer.digest))
    found.push({ place: "digest", detail: "the whole does not match the digest in the trailer" });
  return found;
}
