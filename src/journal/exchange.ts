import type { EnvelopeRecipient, RecipientRelation, RecipientRole } from "#core/index.ts";
import { quotedCharsMax, quotedLinesMax } from "./limits.ts";

/** What the text part of a report says. Fields are null when their line is missing. */
export interface ExchangeReport {
  sender: string | null;
  onBehalfOf: string | null;
  subject: string | null;
  messageId: string | null;
  label: string | null;
  recipients: EnvelopeRecipient[];
  /** Whether there was any line for a recipient, be it an empty one. */
  hasRecipientLine: boolean;
  /** What was odd, in words. */
  remarks: string[];
}

/** A report of which nothing is read yet. */
export function emptyReport(): ExchangeReport {
  return {
    sender: null,
    onBehalfOf: null,
    subject: null,
    messageId: null,
    label: null,
    recipients: [],
    hasRecipientLine: false,
    remarks: [],
  };
}

/**
 * Reads the text part of a report: one field a line, never folded. Total: what is not understood becomes a remark.
 *
 * To, Cc, Bcc and Recipient lines alike name envelope recipients; the word only says how they were addressed, as far
 * as Exchange could trust it. The first Sender, Subject, Message-ID, On-Behalf-Of and Label count: a second one would
 * be somebody's text.
 *
 * @see "Understanding Journal Reports" and the journal report format for Exchange 2007 and later; MS-XJRNL
 */
export function readExchangeReport(text: string): ExchangeReport {
  const report = emptyReport();
  let strayCount = 0;
  let isInBlock = false;
  for (const line of linesOf(text)) {
    if (line.trim() === "") continue;
    if (isInBlock && /^[ \t]/.test(line)) {
      readBlockLine(report, line.trim());
      continue;
    }
    isInBlock = false;
    const colon = line.indexOf(":");
    const word = colon < 0 ? "" : line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (word === "recipients" && value === "") {
      isInBlock = true;
      report.remarks.push("recipients are listed in a block");
    } else if (!readField(report, word, value)) {
      strayCount += 1;
      if (strayCount <= quotedLinesMax) report.remarks.push(`line not understood: ${line.slice(0, quotedCharsMax)}`);
    }
  }
  if (strayCount > quotedLinesMax) report.remarks.push(`lines not understood in all: ${strayCount}`);
  return report;
}

/** Whether the text has what makes a report: a line for a recipient, and one that names the sender or the message. */
export function isReadable(report: ExchangeReport): boolean {
  return report.hasRecipientLine && (report.sender !== null || report.messageId !== null);
}

const fieldByWord = new Map<string, "sender" | "onBehalfOf" | "subject" | "messageId" | "label">([
  ["sender", "sender"],
  ["on-behalf-of", "onBehalfOf"],
  ["subject", "subject"],
  ["message-id", "messageId"],
  ["label", "label"],
]);

const roleByWord = new Map<string, RecipientRole>([
  ["to", "to"],
  ["cc", "cc"],
  ["bcc", "bcc"],
  ["recipient", "unknown"],
]);

function readField(report: ExchangeReport, word: string, value: string): boolean {
  const role = roleByWord.get(word);
  if (role !== undefined) {
    readRecipient(report, role, value);
    return true;
  }
  const field = fieldByWord.get(word);
  if (field === undefined || report[field] !== null) return false;
  report[field] = value;
  return true;
}

function readRecipient(report: ExchangeReport, role: RecipientRole, value: string): void {
  report.hasRecipientLine = true;
  const redirected = splitRedirection(value);
  const address = redirected === null ? value : redirected.address;
  if (address === "") {
    report.remarks.push("a recipient line names no address");
    return;
  }
  const { relation, via } = redirected ?? { relation: "direct" as const, via: null };
  report.recipients.push({ address, role, relation, via, source: "report" });
}

/** `bob@example.com (To)`: a form that exports write, with the role behind the address. */
function readBlockLine(report: ExchangeReport, line: string): void {
  const open = line.endsWith(")") ? line.lastIndexOf("(") : -1;
  const role =
    open < 0
      ? undefined
      : roleByWord.get(
          line
            .slice(open + 1, -1)
            .trim()
            .toLowerCase(),
        );
  readRecipient(report, role ?? "unknown", role === undefined ? line : line.slice(0, open).trim());
}

/** Splits `address, Expanded: list` at the first such words that do not stand within quotes. */
function splitRedirection(value: string): { address: string; relation: RecipientRelation; via: string } | null {
  const words = /,[ \t]{0,9}(Expanded|Forwarded):/gi;
  const lastQuote = value.lastIndexOf('"');
  let isQuoted = false;
  let at = 0;
  for (let found = words.exec(value); found !== null; found = words.exec(value)) {
    for (; at < found.index; at += 1) {
      if (value[at] === "\\") at += 1;
      else if (value[at] === '"') isQuoted = !isQuoted;
    }
    // A quote that is never closed quotes nothing.
    if (isQuoted && lastQuote >= found.index) continue;
    return {
      address: value.slice(0, found.index).trim(),
      relation: found[1]!.toLowerCase() === "expanded" ? "expanded" : "forwarded",
      via: value.slice(words.lastIndex).trim(),
    };
  }
  return null;
}

function* linesOf(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    yield text.slice(at, end < 0 ? text.length : end);
    if (end < 0) return;
    at = end + 1;
  }
}
