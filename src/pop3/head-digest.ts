import { createHash } from "node:crypto";
import { KiB, type Sha256 } from "#core/index.ts";

/** Octets of a header that are compared; a longer one is told apart by these. */
const headBytesMax = 256 * KiB;

/**
 * SHA-256 of a message's header with the empty line that ends it, added where there is none. The same of a whole
 * message (RETR) and of its header alone (TOP n 0), however the chunks were split.
 */
export class HeadDigest {
  readonly #hash = createHash("sha256");
  #bytes = 0;
  /** The longest beginning of CRLF CRLF that the octets so far end in; a message may begin with the empty line itself. */
  #seen = 2;
  #isWhole = false;

  update(content: Uint8Array): void {
    if (this.#isWhole) return;
    let end = 0;
    while (end < content.length && this.#seen < 4 && this.#bytes + end < headBytesMax) {
      const byte = content[end]!;
      if (byte === (this.#seen % 2 === 0 ? cr : lf)) this.#seen += 1;
      else this.#seen = byte === cr ? 1 : 0;
      end += 1;
    }
    this.#hash.update(content.subarray(0, end));
    this.#bytes += end;
    this.#isWhole = this.#seen === 4 || this.#bytes >= headBytesMax;
  }

  digest(): Sha256 {
    // A header without an empty line behind it gets one from servers that answer TOP: so it always counts.
    if (!this.#isWhole) this.#hash.update(this.#seen === 2 ? "\r\n" : "\r\n\r\n");
    return this.#hash.digest("hex") as Sha256;
  }
}

const cr = 0x0d;
const lf = 0x0a;
