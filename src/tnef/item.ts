import { htmlToText } from "#mail/index.ts";
import { tnefSignature } from "./attributes.ts";
import { decodeCodePage, untilNul } from "./code-page.ts";
import type { TnefDefect } from "./defects.ts";
import { attachmentsMax, attributesMax, peopleMax, propertiesMax, textCharsMax } from "./limits.ts";
import { unfoldRtf } from "./lzfu.ts";
import { numberOf, type Property, textOf, types } from "./properties.ts";
import { readRtf } from "./rtf-text.ts";

/** Someone a message names: who sent it, or one of those it went to. */
export interface TnefPerson {
  role: "from" | "to" | "cc" | "bcc";
  name: string;
  /** SMTP address where there is one, else whatever address is given; may be empty. */
  address: string;
}

/** A file in a TNEF. */
export interface TnefAttachment {
  kind: "file";
  /** Its long name where it has one; empty when it has none. As the sender wrote it: never a path to write to. */
  name: string;
  type: string;
  contentId: string | null;
  /** A view of the octets that were read. */
  bytes: Buffer;
}

/** A message in a TNEF, or the TNEF itself. */
export interface TnefMessage {
  /** Position: "" for the outermost, then "1" for a message that is its first attachment, "1.2" and so on. */
  path: string;
  /** As in `IPM.Note`; empty when absent. */
  messageClass: string;
  subject: string;
  people: TnefPerson[];
  /** Its body as text: of the plain body, the HTML and the RTF, all that differ. */
  text: string;
  /** Its HTML body, decoded, from the RTF where it is carried there; null when there is none. */
  html: string | null;
  /** Files, and names of nested messages, in their order. */
  attachments: (TnefAttachment | { kind: "message"; name: string; path: string })[];
}

/** What may still be read of everything together, and where defects are noted. */
export interface Bounds {
  attributes: number;
  properties: number;
  attachments: number;
  people: number;
  characters: number;
  note(code: TnefDefect): void;
}

/** All that may be read of one stream or item. */
export function boundsWith(note: Bounds["note"]): Bounds {
  return {
    attributes: attributesMax,
    properties: propertiesMax,
    attachments: attachmentsMax,
    people: peopleMax,
    characters: textCharsMax,
    note,
  };
}

/** Attributes that are read ([MS-OXTNEF] §2.1.3.3). */
export const attributes = {
  from: 0x8000,
  subject: 0x8004,
  messageClass: 0x8008,
  body: 0x800c,
  attachData: 0x800f,
  attachTitle: 0x8010,
  attachRendered: 0x9002,
  properties: 0x9003,
  recipients: 0x9004,
  attachment: 0x9005,
  codePage: 0x9007,
} as const;

/** Properties of a message that are read ([MS-OXPROPS]). */
const ids = {
  messageClass: 0x001a,
  subject: 0x0037,
  sentName: 0x0042,
  sentAddress: 0x0065,
  recipientRole: 0x0c15,
  senderName: 0x0c1a,
  senderAddress: 0x0c1f,
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  address: 0x3003,
  attachData: 0x3701,
  attachShortName: 0x3704,
  attachLongName: 0x3707,
  attachType: 0x370e,
  contentId: 0x3712,
  smtpAddress: 0x39fe,
  page: 0x3fde,
  messagePage: 0x3ffd,
  senderSmtp: 0x5d01,
} as const;

/** Leaves a nested message, a stream or an item, to be read later. */
type Nest = (nested: Buffer | Draft, path: string) => void;

/** A message as its properties state it, before anything is made of them. */
export interface Draft {
  /** Code page of its 8-bit text where more is known of it than its properties say. */
  page: number | null;
  properties: Map<number, Property>;
  recipients: Map<number, Property>[];
  /** Values of attributes, decoded when the code page is known. */
  values: Map<number, Buffer>;
  attachments: DraftAttachment[];
}

/** A file in a message, or another message. */
interface DraftAttachment {
  properties: Map<number, Property>;
  values: Map<number, Buffer>;
  /** The message that is attached, where it is one by itself and no stream in a property. */
  item?: Draft | null;
}

/** What a draft says, in words; messages in it are left to `nest`. Never throws, whatever its octets. */
export function messageOf(draft: Draft, path: string, bounds: Bounds, nest: Nest): TnefMessage {
  const { properties, values } = draft;
  const page = draft.page ?? numberOf(properties.get(ids.messagePage)) ?? numberOf(properties.get(ids.page));
  const text = (id: number, attribute: number) =>
    textOf(properties.get(id), page) || untilNul(decodeCodePage(values.get(attribute) ?? Buffer.alloc(0), page));
  const body = bodyOf(draft, page, bounds);
  return {
    path,
    messageClass: text(ids.messageClass, attributes.messageClass),
    subject: text(ids.subject, attributes.subject),
    people: peopleOf(draft, page, bounds),
    ...body,
    attachments: draft.attachments.map((one, index) => {
      const place = path === "" ? `${index + 1}` : `${path}.${index + 1}`;
      return attachmentOf(one, page, place, nest);
    }),
  };
}

function bodyOf(
  { properties, values }: Draft,
  page: number | null,
  bounds: Bounds,
): Pick<TnefMessage, "text" | "html"> {
  const texts: string[] = [];
  const add = (text: string): void => {
    // The same words come as plain text, HTML and RTF; white space tells them apart and nothing else.
    const bare = text.replace(/\s+/g, " ").trim();
    if (bare === "" || texts.some((other) => other.replace(/\s+/g, " ").trim() === bare)) return;
    const kept = text.slice(0, Math.max(0, bounds.characters));
    bounds.characters -= kept.length;
    if (kept.length < text.length) bounds.note("tnef_excess");
    texts.push(kept.replace(/\r\n?/g, "\n"));
  };
  add(textOf(properties.get(ids.body), page) || untilNul(decodeCodePage(values.get(attributes.body) ?? empty, page)));
  let html = htmlOf(properties, page);
  const rtf = rtfOf(properties.get(ids.rtf), bounds);
  if (rtf?.kind === "html") html ??= rtf.text;
  if (html !== null) add(htmlToText(html));
  if (rtf?.kind === "text") add(rtf.text);
  return { text: texts.join("\n"), html: html?.slice(0, textCharsMax) ?? null };
}

const empty = Buffer.alloc(0);

function htmlOf(properties: Map<number, Property>, page: number | null): string | null {
  const property = properties.get(ids.html);
  if (property === undefined) return null;
  const htmlPage = numberOf(properties.get(ids.page)) ?? page;
  const text =
    property.type === types.binary ? decodeCodePage(property.values[0] ?? empty, htmlPage) : textOf(property, htmlPage);
  return text === "" ? null : text;
}

function rtfOf(property: Property | undefined, bounds: Bounds) {
  const bytes = property?.values[0];
  if (bytes === undefined || bytes.length === 0) return null;
  const unfolded = unfoldRtf(bytes);
  if (unfolded?.isWhole !== true) bounds.note("tnef_rtf");
  return unfolded === null ? null : readRtf(unfolded.rtf);
}

const roles: Readonly<Record<number, TnefPerson["role"]>> = { 1: "to", 2: "cc", 3: "bcc" };

function peopleOf({ properties, values, recipients }: Draft, page: number | null, bounds: Bounds): TnefPerson[] {
  const senders = [
    { name: ids.senderName, address: ids.senderAddress, smtp: ids.senderSmtp },
    { name: ids.sentName, address: ids.sentAddress, smtp: 0x5d02 },
  ];
  const from: TnefPerson[] = senders.map(({ name, address, smtp }) => ({
    role: "from",
    name: textOf(properties.get(name), page),
    address: textOf(properties.get(smtp), page) || textOf(properties.get(address), page),
  }));
  from.push(senderOfAttribute(values.get(attributes.from), page));
  const others = recipients.map(
    (row): TnefPerson => ({
      role: roles[(numberOf(row.get(ids.recipientRole)) ?? 1) & 0x0f] ?? "to",
      name: textOf(row.get(ids.displayName), page),
      address: textOf(row.get(ids.smtpAddress), page) || textOf(row.get(ids.address), page),
    }),
  );
  const seen = new Set<string>();
  const named = [...from, ...others].filter(({ role, name, address }) => {
    const key = JSON.stringify([role, name, address]);
    if ((name === "" && address === "") || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  const kept = named.slice(0, Math.max(0, bounds.people));
  bounds.people -= kept.length;
  if (kept.length < named.length) bounds.note("tnef_excess");
  return kept;
}

/** The sender in its old form: four lengths, then name and `TYPE:address` ([MS-OXTNEF] §2.1.3.3.1). */
function senderOfAttribute(data: Buffer | undefined, page: number | null): TnefPerson {
  if (data === undefined || data.length < 8) return { role: "from", name: "", address: "" };
  const nameEnd = 8 + data.readUInt16LE(4);
  const text = (bytes: Buffer) => untilNul(decodeCodePage(bytes, page));
  const address = text(data.subarray(nameEnd, nameEnd + data.readUInt16LE(6)));
  return { role: "from", name: text(data.subarray(8, nameEnd)), address: address.replace(/^[A-Za-z]{1,20}:/, "") };
}

/** The interface by which a message is attached, IID_IMessage, before its stream ([MS-OXTNEF] §2.1.3.4). */
const interfaceBytes = 16;

function attachmentOf(
  { properties, values, item }: DraftAttachment,
  page: number | null,
  path: string,
  nest: Nest,
): TnefMessage["attachments"][number] {
  const text = (id: number) => textOf(properties.get(id), page);
  const title = untilNul(decodeCodePage(values.get(attributes.attachTitle) ?? empty, page));
  const name = text(ids.attachLongName) || text(ids.displayName) || title || text(ids.attachShortName);
  if (item) {
    nest(item, path);
    return { kind: "message", name, path };
  }
  const data = properties.get(ids.attachData);
  const object = data?.values[0];
  if (object !== undefined && data?.type === types.object) {
    const stream = object.subarray(interfaceBytes);
    if (stream.length >= 4 && stream.readUInt32LE(0) === tnefSignature) {
      nest(stream, path);
      return { kind: "message", name, path };
    }
  }
  return {
    kind: "file",
    name,
    type: text(ids.attachType).toLowerCase() || "application/octet-stream",
    contentId: text(ids.contentId) || null,
    bytes: values.get(attributes.attachData) ?? object ?? empty,
  };
}
