import { fromLineBytes, isFieldLine, lineEndAfter } from "./from-line.ts";

/** Octets at the start of a file that decide what it is: the headers of nearly all mail fit, and so does a tar's block. */
export const headBytes = 16 * 1024;

/** Names that mail tools give to a file with one message. Such a file is a message whatever it holds. */
const mailName = /\.(eml|mail|email|rfc822|mime)$/i;

/** Fields that mail has and other texts hardly do; one of them anywhere among the first lines makes a text mail. */
const mailFields = new Set(
  (
    "from to cc bcc sender reply-to date subject message-id in-reply-to references received return-path delivered-to " +
    "envelope-to mime-version content-type content-transfer-encoding x-mailer x-priority x-original-to " +
    "dkim-signature authentication-results list-id resent-from resent-date errors-to apparently-to"
  ).split(" "),
);

/** What Outlook's messages and templates begin with, and other documents of its time too (OLE). */
const compound = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);
const outlookName = /\.(msg|oft)$/i;

const kinds: readonly [Buffer, string][] = [
  [compound, "an Office document; a message of Outlook must be named .msg"],
  [Buffer.from("PK\x03\x04"), "a document in ZIP form"],
  [Buffer.from("Rar!"), "a RAR archive, which is not read; unpack it first"],
  [Buffer.from("7z\xbc\xaf\x27\x1c", "latin1"), "a 7-Zip archive, which is not read; unpack it first"],
];
/** What macOS writes beside a file under the same extension to keep its attributes (RFC 1740 AppleDouble). */
const appleDouble = Buffer.from([0x00, 0x05, 0x16, 0x07]);

/**
 * Whether a file is one message, or else why not.
 *
 * It is, when its name has a mail extension; when it is named as Outlook names messages and begins as those do; or when its first lines up to the first empty one hold a header field that
 * is usual in mail; or when they begin with any field and a space. A byte order mark, one `From ` line and empty lines
 * in front are passed over. An odd message must not be missed, so the test leans towards mail.
 * @param name the file's own name
 * @param head its first {@link headBytes} octets
 */
export function looksLikeMail(name: string, head: Buffer): { isMail: true } | { isMail: false; reason: string } {
  if (head.length === 0) return { isMail: false, reason: "empty" };
  if (startsWith(head, appleDouble)) return { isMail: false, reason: "attributes kept by macOS" };
  if (outlookName.test(name) && startsWith(head, compound)) return { isMail: true };
  if (mailName.test(name) || hasMailHeader(head)) return { isMail: true };
  const kind = kinds.find(([magic]) => startsWith(head, magic));
  return { isMail: false, reason: kind?.[1] ?? "no mail: no header field in its first lines" };
}

/** Whether the name says that the file is one message, so that it is never split. */
export function isMailName(name: string): boolean {
  return mailName.test(name);
}

function hasMailHeader(head: Buffer): boolean {
  let at = startsWith(head, Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  at += fromLineBytes(head.subarray(at));
  let isFirst = true;
  while (at < head.length) {
    const end = lineEndAfter(head, at) || head.length;
    const line = head.subarray(at, end);
    at = end;
    if (isEmptyLine(line)) {
      if (isFirst) continue;
      return false;
    }
    if (isFieldLine(line)) {
      const text = line.toString("latin1", 0, 100);
      const colon = text.indexOf(":");
      if (mailFields.has(text.slice(0, colon).trim().toLowerCase())) return true;
      if (isFirst && /^[ \t]/.test(text.slice(colon + 1))) return true;
    }
    isFirst = false;
  }
  return false;
}

/** Whether a line holds nothing but its line end. */
export function isEmptyLine(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x0a || byte === 0x0d);
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}
