import type { PartFacts } from "#catalogue/index.ts";
import type { MailPart } from "#mail/index.ts";

/** A part as it is listed. */
export function partFacts(part: MailPart): PartFacts {
  return { path: part.path, type: part.type, filename: part.filename, bytes: part.body.end - part.body.start };
}
