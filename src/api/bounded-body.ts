import { Failure } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/**
 * The bytes of a request body, up to `bytesMax` of them.
 *
 * @param announced the Content-Length field, where there is one: a body that says it is too large is not begun
 * @throws `IMPORT-TOO-LARGE`
 */
export function boundedBody(body: Bytes, bytesMax: number, announced: string | undefined): Bytes {
  if (Number(announced ?? 0) > bytesMax) throw tooLarge(bytesMax);
  return counted(body, bytesMax);
}

async function* counted(body: Bytes, bytesMax: number): AsyncGenerator<Uint8Array> {
  let taken = 0;
  for await (const piece of body) {
    taken += piece.length;
    if (taken > bytesMax) throw tooLarge(bytesMax);
    yield piece;
  }
}

function tooLarge(bytesMax: number): Failure {
  return new Failure("IMPORT-TOO-LARGE", "never", `the message is larger than ${bytesMax} bytes`, {
    effect: "the message was not imported",
  });
}
