import { createHash } from "node:crypto";
import { Failure } from "#core/index.ts";
import type { ByteRange, Bytes } from "#disk/index.ts";

/** Passes `bytes` on and throws `BLOB-SHORT` when they end before `range` does. */
export async function* wholeRange(name: string, bytes: Bytes, range: ByteRange | undefined): Bytes {
  let count = 0;
  for await (const piece of bytes) {
    count += piece.length;
    yield piece;
  }
  if (range !== undefined && count < range.length)
    throw new Failure("BLOB-SHORT", "never", `blob ${name} ends ${range.length - count} bytes early`);
}

async function digest(bytes: Bytes): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of bytes) hash.update(piece);
  return hash.digest("hex");
}

/** Whether two streams carry the same bytes, by digest, so that their pieces need not fall alike. */
export async function sameBytes(one: Bytes, other: Bytes): Promise<boolean> {
  return (await digest(one)) === (await digest(other));
}
