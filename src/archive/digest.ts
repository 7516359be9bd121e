import { createHash } from "node:crypto";
import type { Sha256 } from "#core/index.ts";

/** SHA-256 of `bytes`. */
export function digestOf(bytes: Uint8Array): Sha256 {
  return createHash("sha256").update(bytes).digest("hex") as Sha256;
}
