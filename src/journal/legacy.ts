import { type ExchangeReport, emptyReport } from "./exchange.ts";
import { quotedCharsMax, quotedLinesMax } from "./limits.ts";

/**
 * Reads the text of an Exchange 2000 or 2003 report: Sender and Message-ID lines, then `Recipients:` and one recipient a
 * line, indented, as `"Name" <address>`. Total: what is not understood becomes a remark.
 *
 * It says nothing of roles, of lists that were expanded, or of mail that was forwarded: each recipient is one that the
 * message was delivered to. Citadel writes the same form.
 *
 * @see KB 843105 on envelope journaling; what Citadel documents of its own reports
 */
export function readLegacyReport(text: string): ExchangeReport {
  const report = emptyReport();
  let isInBlock = false;
  let strayCount = 0;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "") continue;
    const [, word, value] = /^([a-z-]{1,20}):(.*)$/i.exec(line) ?? [];
    const isIndented = /^[ \t]/.test(raw);
    if (!isIndented && word !== undefined && readField(report, word.toLowerCase(), value!.trim())) {
      isInBlock = false;
    } else if (!isIndented && word?.toLowerCase() === "recipients" && !report.hasRecipientLine) {
      isInBlock = true;
      report.hasRecipientLine = true;
      if (value!.trim() !== "") addRecipient(report, value!.trim());
    } else if (isInBlock && (isIndented || line.includes("@"))) addRecipient(report, line);
    else {
      strayCount += 1;
      if (strayCount <= quotedLinesMax) report.remarks.push(`line not understood: ${line.slice(0, quotedCharsMax)}`);
    }
  }
  if (strayCount > quotedLinesMax) report.remarks.push(`lines not understood in all: ${strayCount}`);
  return report;
}

/** The first of each counts, as in later reports. */
function readField(report: ExchangeReport, word: string, value: string): boolean {
  if (word === "sender" && report.sender === null) report.sender = addressIn(value);
  else if (word === "message-id" && report.messageId === null) report.messageId = value;
  else if (word === "subject" && report.subject === null) report.subject = value;
  else return false;
  return true;
}

function addRecipient(report: ExchangeReport, value: string): void {
  const address = addressIn(value);
  report.recipients.push({ address, role: "unknown", relation: "direct", via: null, source: "report" });
}

/** What stands in the last angle brackets; the whole where there are none, or nothing in them: `<>` names nobody. */
function addressIn(value: string): string {
  const open = value.endsWith(">") ? value.lastIndexOf("<") : -1;
  return open < 0 ? value : value.slice(open + 1, -1).trim() || value;
}
