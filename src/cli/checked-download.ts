import { createHash } from "node:crypto";
import { Failure } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { Download } from "./client.ts";

/**
 * Passes a download on and checks it: throws `BYTES-CUT` when it ends too early, `BYTES-DIFFER` when its digest is not
 * the one that is expected or announced.
 *
 * @param expected SHA-256 in hexadecimal, where it is known beforehand
 */
export async function* checkedDownload(download: Download, name: string, expected: string | null = null): Bytes {
  const hash = createHash("sha256");
  let taken = 0;
  try {
    for await (const piece of download.body) {
      hash.update(piece);
      taken += piece.length;
      yield piece;
    }
  } catch (cause) {
    throw new Failure("BYTES-CUT", "later", `${name} broke off after ${taken} of ${download.length} bytes`, { cause });
  }
  const digest = hash.digest("hex");
  for (const right of [expected, download.sha256]) {
    if (right !== null && right !== digest) {
      throw new Failure("BYTES-DIFFER", "never", `${name} has digest ${digest} instead of ${right}`, {
        effect: "these bytes are not the message that was archived",
      });
    }
  }
}
