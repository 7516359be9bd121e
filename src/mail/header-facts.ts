import type { Mailbox } from "#core/index.ts";
import { readAddresses } from "./addresses.ts";
import { readMailDate } from "./date.ts";
import type { NoteDefect } from "./defects.ts";
import { decodeWords, fieldText, oneLine } from "./header-text.ts";
import { addressesMax, addressFieldBytesMax, headerFieldBytesMax, referencesMax } from "./limits.ts";
import type { HeaderFacts, HeaderField } from "./reading.ts";

/** The facts of a header, and what repeated fields say beyond the first, which another reader may show instead. */
export interface HeaderReading {
  headers: HeaderFacts;
  furtherWords: string[];
}

/**
 * Decodes the fields that the archive keeps. Of a field that may stand once the first counts; addresses of repeated
 * fields are gathered.
 *
 * @param hint a charset for raw bytes that are not UTF-8; null when there is none
 * @see RFC 5322 §3.6
 */
export function readHeaderFacts(
  bytes: Buffer,
  fields: readonly HeaderField[],
  hint: string | null,
  note: NoteDefect,
): HeaderReading {
  const headers: HeaderFacts = {
    from: [],
    sender: [],
    replyTo: [],
    to: [],
    cc: [],
    bcc: [],
    subject: "",
    messageId: null,
    inReplyTo: null,
    references: [],
    date: null,
    receivedAt: null,
  };
  const furtherWords: string[] = [];
  const firstByName = new Map<string, First>();
  for (const field of fields) {
    const first = firstByName.get(field.name);
    if (first === undefined) firstByName.set(field.name, { field, words: null });
    const isRepeated = first !== undefined;
    const text = () => fieldText(bytes, field, headerFieldBytesMax, note, hint);
    const addresses = (list: Mailbox[]) =>
      addAddresses(list, () => fieldText(bytes, field, addressFieldBytesMax, note, hint), field, note);
    if (isRepeated && fieldsOfOne.has(field.name)) {
      note("field_duplicate", field.value.start);
      if (furtherWords.length < furtherWordsMax) {
        const words = shownWords(bytes, field, hint);
        first.words ??= shownWords(bytes, first.field, hint);
        if (words !== first.words) {
          note("ambiguous", field.value.start);
          furtherWords.push(words);
        }
      }
      if (!addressFields.has(field.name)) continue;
    }
    switch (field.name) {
      case "from":
        addresses(headers.from);
        break;
      case "sender":
        addresses(headers.sender);
        break;
      case "reply-to":
        addresses(headers.replyTo);
        break;
      case "to":
        addresses(headers.to);
        break;
      case "cc":
        addresses(headers.cc);
        break;
      case "bcc":
        addresses(headers.bcc);
        break;
      case "subject":
        headers.subject = oneLine(decodeWords(text()));
        break;
      case "message-id":
        headers.messageId = firstId(text());
        break;
      case "in-reply-to":
        headers.inReplyTo = firstId(text());
        break;
      case "references":
        headers.references = allIds(text());
        break;
      case "date":
        headers.date = readMailDate(text());
        if (headers.date === null) note("date_unreadable", field.value.start);
        break;
      case "received":
        if (!isRepeated) headers.receivedAt = receivedDate(text());
        break;
    }
  }
  return { headers, furtherWords };
}

/** The first field of a name, and its words once a second one has asked for them. */
interface First {
  field: HeaderField;
  words: string | null;
}

function shownWords(bytes: Buffer, field: HeaderField, hint: string | null): string {
  return oneLine(decodeWords(fieldText(bytes, field, headerFieldBytesMax, () => {}, hint)));
}

const addressFields = new Set(["from", "sender", "reply-to", "to", "cc", "bcc"]);
const fieldsOfOne = new Set([...addressFields, "subject", "message-id", "in-reply-to", "references", "date"]);
/** Fields kept beside the first of their name; each is one more chance to be found. */
const furtherWordsMax = 20;

function addAddresses(list: Mailbox[], text: () => string, field: HeaderField, note: NoteDefect): void {
  const left = addressesMax - list.length;
  if (left <= 0) {
    note("addresses_excess", field.value.start);
    return;
  }
  const found = readAddresses(text(), left);
  for (const mailbox of found.mailboxes) list.push(mailbox);
  if (found.isCut) note("addresses_excess", field.value.start);
  if (found.isMalformed) note("address_malformed", field.value.start);
}

/** With its brackets when it has them; an id that was folded is joined. */
function firstId(text: string): string | null {
  const open = text.indexOf("<");
  const close = open < 0 ? -1 : text.indexOf(">", open);
  const id = close < 0 ? text : text.slice(open, close + 1);
  return id.replace(/\s/g, "") || null;
}

function allIds(text: string): string[] {
  const bracketed = text.match(/<[^<>]*>/g) ?? text.split(/[\s,]+/).filter((id) => id !== "");
  return bracketed.slice(0, referencesMax).map((id) => id.replace(/\s/g, ""));
}

/** RFC 5322 §3.6.7: the date stands after the last semicolon; some writers forget it. */
function receivedDate(text: string): HeaderFacts["receivedAt"] {
  const semicolon = text.lastIndexOf(";");
  return readMailDate(text.slice(semicolon + 1).trim()) ?? readMailDate(text.slice(-100));
}
