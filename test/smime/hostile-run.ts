import type { Instant } from "#core/index.ts";
import { readMessage } from "#mail/index.ts";
import { decryptionKey, readSmime, type SmimeReading } from "#smime/index.ts";
import { corpusKey } from "./encrypted-mail.ts";
import { type HostileMail, hostileMail } from "./hostile-mail.ts";

/** What one message may cost at the very most, on a slow machine under load. */
export const messageCostMax = { ms: 30_000, peakMiB: 2_000 };

/** What became of one. */
export interface HostileReading {
  mail: HostileMail;
  reading: SmimeReading | null;
  ms: number;
}

/** Reads all of them with Bob's key, one after the other. */
export function* readHostile(scale: number): Generator<HostileReading> {
  const tools = { keys: [decryptionKey(corpusKey("Bob").key)!], authorities: [], at: 0 as Instant };
  for (const mail of hostileMail(scale)) {
    const begun = performance.now();
    const reading = readSmime(mail.bytes, readMessage(mail.bytes), tools);
    yield { mail, reading, ms: Math.round(performance.now() - begun) };
  }
}
