import { type Envelope, type EnvelopeRecipient, KiB, type Mailbox } from "#core/index.ts";
import { fieldTextsOf, type MailReading } from "#mail/index.ts";

/** The recipients that Domino recorded, and from which items. */
export interface DominoItems {
  recipients: EnvelopeRecipient[];
  items: string[];
}

/**
 * The journal recipients in a message that Domino sent from its journal: the items `$JournalRecipients` and
 * `$JournalRecipientsExpanded_n`, which its router writes into the header as `X-Notes-Item: value; type=…; name=…`. Null
 * when there are none: Domino keeps them only where "Journal Recipients" is on, and loses them on the way unless told not to.
 *
 * The expanded ones are whom the lists among the others stand for; through which list, the items do not say.
 *
 * @see the mail rule "Journal this message" of HCL Domino; the fields of corpus outlook-tika/testLotusEml.eml
 */
export function readDominoItems(bytes: Uint8Array, reading: MailReading): DominoItems | null {
  const recipients: EnvelopeRecipient[] = [];
  const items: string[] = [];
  for (const text of fieldTextsOf(bytes, reading, "x-notes-item", itemBytesMax)) {
    const { name, value } = itemIn(text);
    const isExpanded = /^\$JournalRecipientsExpanded(?:_\d{1,6})?$/i.test(name);
    if (!isExpanded && name.toLowerCase() !== "$journalrecipients") continue;
    items.push(name);
    for (const address of valuesIn(value)) {
      const relation = isExpanded ? ("expanded" as const) : ("direct" as const);
      recipients.push({ address, role: "unknown", relation, via: null, source: "header" });
    }
  }
  return items.length === 0 ? null : { recipients, items };
}

/** The envelope with the message's own author as its sender: Domino writes the sender into no item of its own. */
export function dominoEnvelope({ recipients }: DominoItems, from: readonly Mailbox[]): Envelope {
  return { sender: from[0]?.address || null, onBehalfOf: null, recipients };
}

/** Bytes read of one item: Domino breaks longer lists into items of some 15 KB. */
const itemBytesMax = 64 * KiB;

/** `value; type=501; flags=44; name=$Item`: the parameters stand at the end, and the value may have semicolons itself. */
function itemIn(text: string): { name: string; value: string } {
  const parts = text.split(";").map((part) => part.trim());
  let name = "";
  while (parts.length > 1) {
    const found = /^(type|flags|name)=(.*)$/i.exec(parts.at(-1)!);
    if (found === null) break;
    if (found[1]!.toLowerCase() === "name") name = found[2]!.trim();
    parts.pop();
  }
  return { name, value: parts.join(";") };
}

/** Values of a list stand between commas; names such as `CN=Ann Bright/O=Acme` have none. */
function valuesIn(value: string): string[] {
  return value
    .split(",")
    .map((one) => one.trim().replace(/^"(.*)"$/, "$1"))
    .filter((one) => one !== "");
}
