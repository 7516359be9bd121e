import { Failure } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/**
 * The bytes of a request body, up to `bytesMax` of them.
 *
 * @param announced the Content-Length field, where there is one: a body that says it is too large is not begun
 * @throws `IMPORT-TOO-LARGE`
 */
export function boundedBody(body: Bytes, bytesMax: number, announced: string | undefined, what = "message"): Bytes {
  if (Number(announced ?? 0) > bytesMax) throw tooLarge(bytesMax, what);
  return counted(body, bytesMax, what);
}

async function* counted(body: Bytes, bytesMax: number, what: string): AsyncGenerator<Uint8Array> {
  let taken = 0;
  for await (const piece of body) {
    taken += piece.length;
    if (taken > bytesMax) throw tooLarge(bytesMax, what);
    yield piece;
  }
}

function tooLarge(bytesMax: number, what: string): Failure {
  return new Failure("IMPORT-TOO-LARGE", "never", `the ${what} is larger than ${bytesMax} bytes`, {
    effect: `the ${what} was not imported`,
  });
}
