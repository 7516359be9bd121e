import { Readable } from "node:stream";
import { Failure } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/**
 * A response body of exactly `length` bytes. When the bytes fail or come out short, the stream fails and the connection
 * is cut: a peer that counts can never take a part for the whole.
 */
export function exactBody(bytes: Bytes, length: number): Readable {
  return Readable.from(counted(bytes, length), { objectMode: false });
}

async function* counted(bytes: Bytes, length: number): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const piece of bytes) {
    sent += piece.length;
    if (sent > length) break;
    yield piece;
  }
  if (sent !== length) throw new Failure("INTERNAL", "never", `stored bytes are not ${length} long`);
}
