import type { ConnectorType, TenantId } from "#core/index.ts";
import { seeded, sha256 } from "../support/bytes.ts";

/** One mail to be sent, and what the archive is to hold of it. */
export interface SimMail {
  tenant: TenantId;
  type: ConnectorType;
  bytes: Buffer;
  /** Digest of what is sent. */
  sha256: string;
  /** Digest of the message inside: of a report, the message it wraps; else the same. */
  messageSha256: string;
}

/** How large messages are: most small, some of a few records, few of many. */
export interface MailSizes {
  /** Bytes of the largest message, and how many in a thousand are of that class. */
  largeBytesMax: number;
  largeOfThousand: number;
}

function filling(next: () => number, bytes: number): Buffer {
  const block = Buffer.alloc(Math.min(bytes, 4096));
  for (let at = 0; at < block.length; at += 1) block[at] = 33 + Math.floor(next() * 90);
  const whole = Buffer.alloc(bytes);
  // Blocks differ from one another in their first bytes, so that a block in another's place is noticed.
  for (let start = 0, count = 0; start < bytes; start += block.length, count += 1) {
    if (count > 0) block.writeUInt32BE(count & 0x3f3f3f3f, 0);
    block.copy(whole, start, 0, Math.min(block.length, bytes - start));
  }
  return whole;
}

function size(next: () => number, { largeBytesMax, largeOfThousand }: MailSizes): number {
  const kind = next() * 1000;
  if (kind < largeOfThousand) return Math.floor(next() * largeBytesMax);
  if (kind < 100) return Math.floor(next() * 10_000);
  return Math.floor(next() * 800);
}

function reportAround(message: Buffer, number: number): Buffer {
  const boundary = `_aaaaaaaa-bbbb-cccc-dddd-${String(number).padStart(12, "0")}_`;
  const before = [
    "From: ann@example.com",
    "To: journal@example.com",
    `Subject: Offer ${number}`,
    "X-MS-Journal-Report:",
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    'Content-Type: text/plain; charset="us-ascii"',
    "",
    "Sender: ann@example.com",
    `Subject: Offer ${number}`,
    `Message-Id: <a${number}@mail.example.com>`,
    "To: bob@example.com",
    "Bcc: eve@example.com",
    "",
    `--${boundary}`,
    "Content-Type: message/rfc822",
    "",
    "",
  ].join("\r\n");
  return Buffer.concat([Buffer.from(before), message, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

/**
 * The mails of a scenario, in the order of sending: of two tenants, plain and in reports, some empty, some sent before.
 * The same seed gives the same mails.
 */
export function simMails(seed: number, count: number, sizes: MailSizes): SimMail[] {
  const next = seeded(seed);
  const mails: SimMail[] = [];
  const messages: Buffer[] = [];
  for (let number = 0; number < count; number += 1) {
    const tenant = (next() < 0.75 ? "main" : "other") as TenantId;
    const isRepeat = messages.length > 0 && next() < 0.2;
    const isEmpty = next() < 0.02;
    // Of a type that has no text: what search would make of the filling is not what this is about.
    const contentType = "Content-Type: application/octet-stream";
    const head = `From: a@example.com\r\nSubject: Offer ${number}\r\n${contentType}\r\n\r\n`;
    const fresh = isEmpty ? Buffer.alloc(0) : Buffer.concat([Buffer.from(head), filling(next, size(next, sizes))]);
    const message = isRepeat ? (messages[Math.floor(next() * messages.length)] as Buffer) : fresh;
    messages.push(message);
    const isReport = message.length > 0 && next() < 0.4;
    const bytes = isReport ? reportAround(message, number) : message;
    const type = isReport ? "eej" : "standard";
    mails.push({ tenant, type, bytes, sha256: sha256(bytes), messageSha256: sha256(message) });
  }
  return mails;
}
