import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Bytes } from "#disk/index.ts";
import type { Budget } from "./budget.ts";

const chunkBytes = 256 * 1024;

/** The octets that a gzip file holds, all its members one after the other. Throws what zlib, `bytes` and the budget throw. */
export async function* gunzipped(bytes: Bytes, budget: Budget): Bytes {
  const source = Readable.from(bytes);
  const plain = createGunzip({ chunkSize: chunkBytes });
  source.on("error", (error) => plain.destroy(error));
  source.pipe(plain);
  try {
    for await (const piece of plain as AsyncIterable<Uint8Array>) {
      budget.unfold(piece.length);
      yield piece;
    }
  } finally {
    source.destroy();
    plain.destroy();
  }
}
