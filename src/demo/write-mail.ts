import type { Instant, Mailbox } from "#core/index.ts";

/** A MIME part as it is written: header lines and body, 7-bit unless told otherwise, CRLF line ends. */
export interface Part {
  header: readonly string[];
  body: string;
}

/** A mail before it is written. */
export interface Draft {
  from: Mailbox;
  to: readonly Mailbox[];
  cc?: readonly Mailbox[];
  subject: string;
  sentAt: Instant;
  /** Without angle brackets. */
  messageId: string;
  /** The message that is answered, likewise. */
  inReplyTo?: string;
  content: Part;
}

/** A mail as bytes in a string, one character a byte; it ends with CRLF (RFC 5322). */
export function writeMail({ from, to, cc = [], subject, sentAt, messageId, inReplyTo, content }: Draft): string {
  const header = [
    `From: ${mailboxText(from)}`,
    `To: ${mailboxesText(to)}`,
    ...(cc.length === 0 ? [] : [`Cc: ${mailboxesText(cc)}`]),
    `Subject: ${headerText(subject)}`,
    `Date: ${dateText(sentAt)}`,
    `Message-ID: <${messageId}>`,
    ...(inReplyTo === undefined ? [] : [`In-Reply-To: <${inReplyTo}>`, `References: <${inReplyTo}>`]),
    "MIME-Version: 1.0",
    ...content.header,
  ];
  return `${lines(header)}\r\n${content.body}`;
}

/** Lines with CRLF behind each. */
export function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join("");
}

/** A text part: as it is when it is ASCII, else UTF-8 in base64. `text` has LF line ends and ends with one. */
export function textPart(text: string, subtype: "plain" | "html" = "plain"): Part {
  if (isAscii(text)) {
    return {
      header: [`Content-Type: text/${subtype}; charset="us-ascii"`, "Content-Transfer-Encoding: 7bit"],
      body: text.replaceAll("\n", "\r\n"),
    };
  }
  return {
    header: [`Content-Type: text/${subtype}; charset="utf-8"`, "Content-Transfer-Encoding: base64"],
    body: base64Lines(Buffer.from(text.replaceAll("\n", "\r\n"))),
  };
}

/** A file that comes with the mail; `filename` is ASCII. */
export function filePart(filename: string, type: string, bytes: Uint8Array): Part {
  return {
    header: [
      `Content-Type: ${type}; name="${filename}"`,
      `Content-Disposition: attachment; filename="${filename}"`,
      "Content-Transfer-Encoding: base64",
    ],
    body: base64Lines(bytes),
  };
}

/** Parts in one (RFC 2046 §5.1); `boundary` occurs in none of them. */
export function multipart(subtype: "mixed" | "alternative", boundary: string, parts: readonly Part[]): Part {
  const bodies = parts.map(({ header, body }) => `--${boundary}\r\n${lines(header)}\r\n${body}\r\n`);
  return {
    header: [`Content-Type: multipart/${subtype}; boundary="${boundary}"`],
    body: `${bodies.join("")}--${boundary}--\r\n`,
  };
}

/** A time as the Date field has it, in UTC (RFC 5322 §3.3). */
export function dateText(at: Instant): string {
  return new Date(at).toUTCString().replace("GMT", "+0000");
}

/** Mailboxes as an address field has them, one a line (RFC 5322 §3.4). */
export function mailboxesText(mailboxes: readonly Mailbox[]): string {
  return mailboxes.map(mailboxText).join(",\r\n ");
}

/** A mailbox as an address field has it; a name that is not ASCII becomes encoded words. */
export function mailboxText({ name, address }: Mailbox): string {
  if (name === "") return address;
  return `${isAscii(name) ? `"${name}"` : headerText(name)} <${address}>`;
}

/** Header text: as it is when it is ASCII, else encoded words, folded between them (RFC 2047 §2). */
export function headerText(text: string): string {
  if (isAscii(text)) return text;
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (Buffer.byteLength(word + character) > encodedWordBytesMax) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  words.push(word);
  return words.map((one) => `=?utf-8?B?${Buffer.from(one).toString("base64")}?=`).join("\r\n ");
}

/** Bytes in one encoded word: in base64 and with its frame they stay below the 75 characters it may have. */
const encodedWordBytesMax = 42;

function base64Lines(bytes: Uint8Array): string {
  return lines(
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,76}/g) ?? [],
  );
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}
