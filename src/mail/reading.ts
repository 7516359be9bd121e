import type { Instant, Mailbox } from "#core/index.ts";

/** A stretch of the message's bytes: from `start` up to, not including, `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Something wrong or doubtful in a message. Reading goes on; the bytes are kept as they are. */
export interface Defect {
  /** Stable snake_case word, listed with its meaning in defects.ts (for instance `boundary_unclosed`). */
  code: string;
  /** Byte offset in the message. */
  at: number;
}

/** One field of a header, unfolded lazily: `value` spans the bytes after the colon, folding included. */
export interface HeaderField {
  /** Lower-cased field name. */
  name: string;
  value: Span;
}

/** The decoded header fields that the archive keeps and searches. */
export interface HeaderFacts {
  from: Mailbox[];
  sender: Mailbox[];
  replyTo: Mailbox[];
  to: Mailbox[];
  cc: Mailbox[];
  bcc: Mailbox[];
  /** Decoded, unfolded, control characters removed; empty when absent. */
  subject: string;
  /** With angle brackets where they were written, white space removed; null when absent. */
  messageId: string | null;
  inReplyTo: string | null;
  references: string[];
  /** The Date field; null when absent or unreadable. */
  date: Instant | null;
  /** The date of the topmost Received field; null when there is none. */
  receivedAt: Instant | null;
}

/** One part of the MIME tree. Parts are listed in order of their position; the message itself is part "". */
export interface MailPart {
  /** Position in the tree: "" for the whole, then "1", "1.2" …; a message/rfc822 part has its inner message as ".0". */
  path: string;
  depth: number;
  header: Span;
  body: Span;
  /** Lower-cased `type/subtype`; `text/plain` where the field is absent or unreadable. */
  type: string;
  charset: string | null;
  /** Lower-cased transfer encoding as it is applied: `7bit`, `8bit`, `binary`, `base64`, `quoted-printable`, `uuencode`, `yenc`. */
  encoding: string;
  disposition: "inline" | "attachment" | null;
  /** The safe display name, null when the part has none. */
  filename: string | null;
  /** Every name the part gives itself in any form, decoded. */
  filenames: string[];
  /** Without angle brackets, as `cid:` URLs name it. */
  contentId: string | null;
  /** Whether it is a multipart or message container. */
  isContainer: boolean;
}

/** Everything understood of one message. Plain data: it crosses threads. */
export interface MailReading {
  headers: HeaderFacts;
  /** Fields of the outermost header, in order. */
  fields: HeaderField[];
  parts: MailPart[];
  /**
   * Text of the message for search and preview: plain parts, and of HTML what it says beyond its plain alternative;
   * nested messages with their subject and people, and every further way to read the message, included; bounded.
   */
  text: string;
  /** The first HTML body of the message itself, decoded, for the message view; null when there is none; bounded. */
  html: string | null;
  /** The first plain body of the message itself, for the message view; null when there is none; bounded. */
  plain: string | null;
  defects: Defect[];
}
