import type { SmimeEntry } from "#catalogue/index.ts";
import type { Instant, MessageId } from "#core/index.ts";
import { recipientKey, type SmimeReading, worseSignature } from "#smime/index.ts";
import { digestOf } from "./digest.ts";

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
