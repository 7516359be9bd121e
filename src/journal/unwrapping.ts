import type { Envelope } from "#core/index.ts";
import type { Span } from "#mail/index.ts";

/** What an item from an EEJ connector turned out to be. */
export type Unwrapping =
  | {
      kind: "report";
      dialect: "eej2007";
      envelope: Envelope;
      /** What the report body says of the message; null where the line is missing. */
      subject: string | null;
      messageId: string | null;
      label: string | null;
      /** Where the wrapped message lies in the report, when its bytes stand there as they are. */
      inner: Span;
      /** The wrapped message's own bytes when the part is transfer-encoded (base64); null when `inner` is the message. */
      decoded: Uint8Array | null;
      /** 0 to 1, with the reasons for and against in words. */
      confidence: number;
      reasons: string[];
    }
  /** An ordinary message, whatever it carries in its header; `reasons` say what was looked for. */
  | { kind: "not_report"; reasons: string[] }
  /** A report whose envelope or inner message cannot be read: quarantined as it is. */
  | { kind: "unreadable"; reason: "envelope_unreadable" | "inner_missing"; reasons: string[] };
