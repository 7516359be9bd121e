import { createHash } from "node:crypto";
import type { SmimeEntry } from "#catalogue/index.ts";
import type { Instant, MessageId, Sha256 } from "#core/index.ts";
import { recipientKey, type SmimeReading, worseSignature } from "#smime/index.ts";

/** What the catalogue keeps of the S/MIME of a message; see {@link ArchivedReader.read} for `before`. */
export function smimeEntry(
  message: MessageId,
  { entities, unopened, ...facts }: SmimeReading,
  before: SmimeEntry | null,
  at: Instant,
): SmimeEntry {
  return {
    ...facts,
    message,
    signature: worseSignature(before?.signature ?? null, facts.signature),
    derived: entities.map(({ path, bytes, isDecrypted, isAuthenticated }) => ({
      ...{ path, sha256: digestOf(bytes), bytes: bytes.length, isDecrypted, isAuthenticated },
    })),
    waitsFor: [...new Set(unopened.map(recipientKey))],
    decidedAt: at,
  };
}

/** SHA-256 of `bytes`. */
export function digestOf(bytes: Uint8Array): Sha256 {
  return createHash("sha256").update(bytes).digest("hex") as Sha256;
}
