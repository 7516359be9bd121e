import type { RecipientRelation, RecipientRole } from "#core/index.ts";
import { emptyReport, linesOf, type ReportText, strayLines } from "./report-text.ts";

/**
 * Reads the text part of a report: one field a line, never folded. Total: what is not understood becomes a remark.
 *
 * To, Cc, Bcc and Recipient lines alike name envelope recipients; the word only says how they were addressed, as far
 * as Exchange could trust it. The first Sender, Subject, Message-ID, On-Behalf-Of and Label count: a second one would
 * be somebody's text.
 *
 * @see "Understanding Journal Reports" and the journal report format for Exchange 2007 and later; MS-XJRNL
 */
export function readExchangeReport(text: string): ReportText {
  const report = emptyReport();
  const strays = strayLines();
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
      strays.add(line);
    }
  }
  report.remarks.push(...strays.remarks());
  return report;
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

function readField(report: ReportText, word: string, value: string): boolean {
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

function readRecipient(report: ReportText, role: RecipientRole, value: string): void {
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
function readBlockLine(report: ReportText, line: string): void {
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
