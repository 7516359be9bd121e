import type { MailReading } from "#mail/index.ts";
import { isBounce, unwrapBounce } from "./bounce.ts";
import { readDominoItems } from "./domino.ts";
import { readEnvelopeFields } from "./envelope-fields.ts";
import { dialectsOf, unwrapReport } from "./exchange-report.ts";
import { readGoogleCopy } from "./google.ts";
import { shapeOf } from "./shape.ts";
import type { Unwrapping } from "./unwrapping.ts";

/**
 * Says whether a message is a journal report, and takes exactly one layer off one that is. Never throws.
 *
 * To be asked only for what came through a connector for reports: anybody can write a report, and the header alone
 * proves nothing. `reading` must be what `readMessage` gave for the same `bytes`. A bounce around a report counts with the
 * report as the one layer: nobody but the transport wrote it.
 *
 * @see Samples of every dialect: fixtures/journal
 */
export function unwrap(bytes: Uint8Array, reading: MailReading): Unwrapping {
  const shape = shapeOf(bytes, reading);
  if (dialectsOf(shape).length > 0) return unwrapReport(bytes, reading, shape);
  if (isBounce(bytes, reading)) return unwrapBounce(bytes, reading);
  return (
    readDominoItems(bytes, reading) ??
    readEnvelopeFields(bytes, reading) ??
    readGoogleCopy(bytes, reading) ?? {
      kind: "not_report",
      reasons: ["no header field marks it as a journal report"],
    }
  );
}
