import { type MailReading, mailboxesIn } from "#mail/index.ts";
import { copyRecipients } from "./recipients.ts";
import type { CopyUnwrapping } from "./unwrapping.ts";

/**
 * A copy that Google Workspace made by a routing rule or for third-party archiving: ordinary mail, by recipient. Only where
 * the rule adds X-Gm-Original-To does it say whom it was for. Null without: other fields of Google's are on all mail from there.
 *
 * @see "Set up third-party email archiving" and "Add X-Gm-Original-To header" in the help of Google Workspace
 */
export function readGoogleCopy(bytes: Uint8Array, reading: MailReading): CopyUnwrapping | null {
  const addresses = mailboxesIn(bytes, reading, originalTo).map(({ address }) => address);
  const recipients = copyRecipients(addresses, reading);
  if (recipients.length === 0) return null;
  return {
    kind: "copy",
    dialect: "google_copy",
    envelope: { sender: null, onBehalfOf: null, recipients },
    confidence: 0.5,
    reasons: ["X-Gm-Original-To names whom it was for"],
  };
}

const originalTo: ReadonlySet<string> = new Set(["x-gm-original-to"]);
