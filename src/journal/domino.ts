import { type MailReading, namedFields } from "#mail/index.ts";
import { copyRecipients } from "./recipients.ts";
import type { CopyUnwrapping } from "./unwrapping.ts";

/**
 * A Domino journal copy that kept its items: `$JournalRecipients` and the expanded lists of `$JournalRecipientsExpanded`,
 * which SMTP carries as `X-Notes-Item: value; type=…; name=…`. Null when there are none: most ways out of Domino lose them.
 *
 * The names are in Notes' form (`CN=Ann Bright/O=Acme@Acme`) or addresses, and are kept as they are written.
 *
 * @see "Journaling recipients" in the administration help of Domino
 */
export function readDominoItems(bytes: Uint8Array, reading: MailReading): CopyUnwrapping | null {
  const direct: string[] = [];
  const expanded: string[] = [];
  for (const text of namedFields(bytes, reading, "x-notes-item", itemsMax)) {
    const name = /;\s{0,99}name=\$(journalrecipients(?:expanded)?)(?:_\d{1,9})?\s{0,99}$/i.exec(text.trimEnd())?.[1];
    if (name === undefined) continue;
    const list = name.toLowerCase() === "journalrecipients" ? direct : expanded;
    for (const value of itemValue(text).split(/[,;]/)) list.push(value.trim().replace(/^"(.*)"$/, "$1"));
  }
  const recipients = copyRecipients([...direct, ...expanded], reading);
  if (recipients.length === 0) return null;
  const named = new Set(direct);
  for (const recipient of recipients) {
    if (named.has(recipient.address)) continue;
    recipient.relation = "expanded";
    // The item does not say which list it was.
    recipient.via = "";
  }
  return {
    kind: "copy",
    dialect: "domino_items",
    envelope: { sender: null, onBehalfOf: null, recipients },
    confidence: 0.7,
    reasons: ["items $JournalRecipients of Domino"],
  };
}

/** Items looked at: a document of Domino has some hundred. */
const itemsMax = 1_000;

/** What stands before the item's own parameters, which are at its end. */
function itemValue(text: string): string {
  const pieces = text.split(";");
  while (pieces.length > 1 && /^\s{0,99}(?:type|flags|name)=/i.test(pieces.at(-1)!)) pieces.pop();
  return pieces.join(";");
}
