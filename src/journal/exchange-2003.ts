import type { ReportText } from "./report-text.ts";
import { emptyReport, linesOf, strayLines } from "./report-text.ts";

/**
 * Reads the text of a report that Exchange 2000 or 2003 wrote, or a server that writes the same: Sender, Message-ID, then
 * `Recipients:` and one indented line for each. Total: what is not understood becomes a remark.
 *
 * Every recipient is one of the envelope; how it was addressed and whether a list was expanded, this form does not say.
 *
 * @see the envelope journaling of Exchange 2003 SP1; Citadel's journaling writes the same; fixtures/journal/exchange-2003
 */
export function readExchange2003Report(text: string): ReportText {
  const report = emptyReport();
  const strays = strayLines();
  let isInBlock = false;
  for (const line of linesOf(text)) {
    if (line.trim() === "") continue;
    if (isInBlock && /^[ \t]/.test(line)) {
      const address = addressIn(line.trim());
      if (address === "") report.remarks.push("a recipient line names no address");
      else report.recipients.push({ address, role: "unknown", relation: "direct", via: null, source: "report" });
      continue;
    }
    const colon = line.indexOf(":");
    const word = colon < 0 ? "" : line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    isInBlock = word === "recipients" && value === "" && !report.hasRecipientLine;
    if (isInBlock) report.hasRecipientLine = true;
    else if (word === "sender" && report.sender === null) report.sender = addressIn(value);
    else if (word === "message-id" && report.messageId === null) report.messageId = value;
    else strays.add(line);
  }
  report.remarks.push(...strays.remarks());
  return report;
}

/** Of `"Name" <address>` the address, which comes last; a line without brackets is taken as it stands. */
function addressIn(value: string): string {
  const open = value.endsWith(">") ? value.lastIndexOf("<") : -1;
  if (open < 0) return value;
  const address = value.slice(open + 1, -1).trim();
  // The null sender is kept as it is printed.
  return address === "" ? value : address;
}
