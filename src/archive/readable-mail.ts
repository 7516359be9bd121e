import type { Sha256 } from "#core/index.ts";
import { type MailReading, readMessage } from "#mail/index.ts";
import { type OutlookForm, outlookForm, renderOutlook } from "#outlook/index.ts";

/** What a message says, and the octets that were read for it. */
export interface ReadableMail {
  /** How the message itself is kept; null when it is a mail, which is read as it stands. */
  form: OutlookForm;
  /** The mail that was read: the message itself, or what is derived from it where it has another form. */
  bytes: Buffer;
  reading: MailReading;
  /** Codes of what was found wrong with the message in its own form, each once; the mail's own are in `reading`. */
  formDefects: string[];
}

/** Reads a message in whatever form it is kept. Never throws on mail; the same octets always give the same reading. */
export function readMail(message: Uint8Array, sha256: Sha256): ReadableMail {
  const rendering = renderOutlook(message, sha256);
  const bytes = rendering?.bytes ?? Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const formDefects = rendering?.defects ?? [];
  return { form: outlookForm(message), bytes, reading: readMessage(bytes), formDefects };
}
