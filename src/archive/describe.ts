import { createHash } from "node:crypto";
import type { SmimeEntry } from "#catalogue/index.ts";
import type { Sha256 } from "#core/index.ts";
import { decodePart, type MailReading } from "#mail/index.ts";
import type { OutlookForm } from "#outlook/index.ts";
import type { DerivedEntity } from "#smime/index.ts";
import type { ReadableMail } from "./readable-mail.ts";
import { threadIdOf } from "./thread-id.ts";
import { allTnef, type TnefEntity } from "./tnef-entity.ts";

/** A part with its transfer encoding taken off. */
export interface DecodedPart {
  path: string;
  type: string;
  filename: string | null;
  /** Size of the content, decoded. */
  bytes: number;
  /** Of the content, decoded. */
  sha256: Sha256;
}

/** Everything understood of the bytes of one message, or of one entity in it. */
export interface EntityDescription {
  headers: Pick<MailReading["headers"], "from" | "to" | "cc" | "bcc" | "subject" | "messageId" | "date">;
  /** Every part that is no container, in the order of their places. */
  parts: DecodedPart[];
  text: string;
  /** Defect codes, each once. */
  defects: string[];
}

/** Everything understood of the bytes of one message. Plain data: it crosses threads. */
export interface Description extends EntityDescription {
  /** How the message is kept; where that is no mail, everything here is of a mail derived from it. */
  form: OutlookForm;
  threadId: string | null;
  smime: SmimeEntry | null;
  /** What lay in encrypted, signed and compressed parts. */
  entities: (EntityDescription & Pick<DerivedEntity, "path" | "isDecrypted" | "isAuthenticated">)[];
  /** What Outlook had wrapped in winmail.dat parts. */
  tnef: TnefEntity[];
}

/** Describes a message; decodes and digests every part, so it takes time by its size. */
export function describe(
  { form, bytes, reading, formDefects }: ReadableMail,
  opened: { smime: SmimeEntry; entities: readonly DerivedEntity[] } | null,
): Description {
  const described = describeEntity(bytes, reading);
  return {
    ...described,
    defects: [...formDefects, ...described.defects],
    form,
    threadId: threadIdOf(reading.headers),
    smime: opened?.smime ?? null,
    entities: (opened?.entities ?? []).map((entity) => ({
      ...describeEntity(entity.bytes, entity.reading),
      path: entity.path,
      isDecrypted: entity.isDecrypted,
      isAuthenticated: entity.isAuthenticated,
    })),
    tnef: allTnef(bytes, reading, opened?.entities ?? []),
  };
}

function describeEntity(bytes: Buffer, reading: MailReading): EntityDescription {
  const { from, to, cc, bcc, subject, messageId, date } = reading.headers;
  return {
    headers: { from, to, cc, bcc, subject, messageId, date },
    parts: reading.parts
      .filter((part) => !part.isContainer)
      .map((part) => {
        const content = decodePart(bytes, part);
        const sha256 = createHash("sha256").update(content).digest("hex") as Sha256;
        return { path: part.path, type: part.type, filename: part.filename, bytes: content.length, sha256 };
      }),
    text: reading.text,
    defects: [...new Set(reading.defects.map(({ code }) => code))],
  };
}
