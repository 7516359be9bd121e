import type { Envelope } from "#core/index.ts";
import type { Span } from "#mail/index.ts";

/** An item of an EEJ connector that wraps a message. */
export interface ReportUnwrapping {
  kind: "report";
  /** `dsn_report`: a report that could not be delivered, within the bounce that brings it to its alternate mailbox. */
  dialect: "eej2007" | "eej2003" | "dsn_report";
  envelope: Envelope;
  /** What the report body says of the message; null where the line is missing. */
  subject: string | null;
  messageId: string | null;
  label: string | null;
  /** Where the wrapped message lies in the item, when its bytes stand there as they are. */
  inner: Span;
  /** The wrapped message's own bytes when a part around it is transfer-encoded (base64); null when `inner` is the message. */
  decoded: Uint8Array | null;
  /** 0 to 1, with the reasons for and against in words. */
  confidence: number;
  reasons: string[];
}

/** A copy of a message by a mail system that wraps nothing: the item is the message. */
export interface CopyUnwrapping {
  kind: "copy";
  dialect: "envelope_fields" | "domino_items" | "google_copy";
  /** What its header fields say of the envelope. */
  envelope: Envelope;
  /** 0 to 1, with the reasons in words. Header fields can be anybody's, so it is never high. */
  confidence: number;
  reasons: string[];
}

/** A report whose envelope or inner message cannot be read: quarantined as it is. */
export interface UnreadableReport {
  kind: "unreadable";
  reason: "envelope_unreadable" | "inner_missing";
  reasons: string[];
}

/** An ordinary message, whatever it carries in its header; `reasons` say what was looked for. */
export interface NotReport {
  kind: "not_report";
  reasons: string[];
}

/** What an item from an EEJ connector turned out to be. */
export type Unwrapping =
  | ReportUnwrapping
  | CopyUnwrapping
  | UnreadableReport
  | NotReport
  /** A bounce with no report in it: a message like any other, of use to who looks for loops. */
  | { kind: "bounce"; reasons: string[] };
