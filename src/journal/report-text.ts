import type { EnvelopeRecipient } from "#core/index.ts";
import { quotedCharsMax, quotedLinesMax } from "./limits.ts";

/** What the text part of a report says. Fields are null when their line is missing. */
export interface ReportText {
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

/** A report that says nothing yet. */
export function emptyReport(): ReportText {
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

/** Whether the text has what makes a report: a line for a recipient, and one that names the sender or the message. */
export function isReadable(report: ReportText): boolean {
  return report.hasRecipientLine && (report.sender !== null || report.messageId !== null);
}

/** Gathers lines that were not understood: the first are quoted, the rest is counted. */
export function strayLines(): { add(line: string): void; remarks(): string[] } {
  const quoted: string[] = [];
  let count = 0;
  return {
    add(line) {
      count += 1;
      if (count <= quotedLinesMax) quoted.push(`line not understood: ${line.slice(0, quotedCharsMax)}`);
    },
    remarks: () => (count > quotedLinesMax ? [...quoted, `lines not understood in all: ${count}`] : quoted),
  };
}

/** The lines of a text, without their ends, one after the other. */
export function* linesOf(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    yield text.slice(at, end < 0 ? text.length : end);
    if (end < 0) return;
    at = end + 1;
  }
}
