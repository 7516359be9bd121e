import type { EnvelopeRecipient, Instant, Mailbox } from "#core/index.ts";
import {
  dateText,
  headerText,
  lines,
  mailboxesText,
  mailboxText,
  multipart,
  type Part,
  textPart,
} from "./write-mail.ts";

/** What a report states of one recipient. */
export type Stated = Pick<EnvelopeRecipient, "address" | "role" | "relation" | "via">;

/** A journal report before it is written. */
export interface ReportDraft {
  from: Mailbox;
  to: readonly Mailbox[];
  subject: string;
  /** Of the wrapped message, without angle brackets. */
  messageId: string;
  onBehalfOf?: string;
  recipients: readonly Stated[];
  reportedAt: Instant;
  /** Hexadecimal digits, 32 of them, that no other report has. */
  unique: string;
  /** The wrapped message, one character a byte. */
  message: string;
  /** What stands where the report's text should be. */
  text?: string;
}

/**
 * A journal report as Exchange Online writes it: the report text, then the message, its bytes untouched.
 *
 * @see "Understanding Journal Reports"; MS-XJRNL
 */
export function writeReport(draft: ReportDraft): string {
  const { from, to, subject, messageId, reportedAt, message } = draft;
  const [a, b, c, d, e] = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(draft.unique)!.slice(1);
  const guid = `${a}-${b}-${c}-${d}-${e}`;
  const content = multipart("mixed", `_${guid}_`, [textPart(draft.text ?? reportText(draft)), wrapped(message)]);
  const header = [
    `From: ${mailboxText(from)}`,
    `To: ${mailboxesText(to)}`,
    "Sender: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@harbour.example>",
    `Subject: ${headerText(subject)}`,
    `Message-ID: <${guid}@journal.report.generator>`,
    `Date: ${dateText(reportedAt)}`,
    "X-MS-Journal-Report:",
    `X-MS-Exchange-Parent-Message-Id: <${messageId}>`,
    "Auto-Submitted: auto-generated",
    "X-MS-Exchange-Generated-Message-Source: Journal Agent",
    "MIME-Version: 1.0",
    ...content.header,
  ];
  return `${lines(header)}\r\n${content.body}`;
}

/** The part around a message has no encoding of its own, as in genuine reports. */
function wrapped(message: string): Part {
  return { header: ["Content-Type: message/rfc822"], body: message };
}

function reportText({ from, subject, messageId, onBehalfOf, recipients }: ReportDraft): string {
  const stated = [
    `Sender: ${from.address}`,
    `Subject: ${subject}`,
    `Message-Id: <${messageId}>`,
    ...(onBehalfOf === undefined ? [] : [`On-Behalf-Of: ${onBehalfOf}`]),
    ...recipients.map(recipientLine),
  ];
  return stated.map((line) => `${line}\n`).join("");
}

const roleWords = { to: "To", cc: "Cc", bcc: "Bcc", unknown: "Recipient" } as const;
const relationWords = { expanded: "Expanded", forwarded: "Forwarded" } as const;

function recipientLine({ address, role, relation, via }: Stated): string {
  const line = `${roleWords[role]}: ${address}`;
  return relation === "direct" ? line : `${line}, ${relationWords[relation]}: ${via}`;
}
