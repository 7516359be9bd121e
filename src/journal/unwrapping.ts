import type { Envelope } from "#core/index.ts";
import type { Span } from "#mail/index.ts";

/** How a report is written: by Exchange 2007 and later or Microsoft 365, or by Exchange 2000 and 2003. */
export type ReportDialect = "eej2007" | "eej2003";

/**
 * What is remarkable of an item that may be a report; docs/glossary.md has the words.
 *
 * `bounce` is for a bounce that carries no report, all others are for reports.
 */
export type ReportMark = "bounce" | "report_bounced" | "report_nested" | "rights_protected";

/** What an item from an EEJ connector turned out to be. */
export type Unwrapping =
  | {
      kind: "report";
      dialect: ReportDialect;
      envelope: Envelope;
      /** What the report body says of the message; null where the line is missing. */
      subject: string | null;
      messageId: string | null;
      label: string | null;
      /** Where the wrapped message lies in the item, when its bytes stand there as they are. */
      inner: Span;
      /** The wrapped message's own bytes when a part around it is transfer-encoded (base64); null when `inner` is the message. */
      decoded: Uint8Array | null;
      marks: ReportMark[];
      /** 0 to 1, with the reasons for and against in words. */
      confidence: number;
      reasons: string[];
    }
  /** The message itself with its envelope in items that Domino wrote into the header: nothing is wrapped. */
  | { kind: "domino"; envelope: Envelope; confidence: number; reasons: string[] }
  /** An ordinary message, whatever it carries in its header; `reasons` say what was looked for. */
  | { kind: "not_report"; marks: ReportMark[]; reasons: string[] }
  /** A report whose envelope or inner message cannot be read: quarantined as it is, with the envelope if there is one. */
  | {
      kind: "unreadable";
      reason: "envelope_unreadable" | "inner_missing";
      envelope: Envelope | null;
      marks: ReportMark[];
      reasons: string[];
    };
