import { readDraftItem, type TnefMessage, type TnefReading, textOf } from "#tnef/index.ts";
import { draftOf, ids, type OutlookItem, timeOf } from "./item.ts";
import { headersBytesMax } from "./limits.ts";

/** An item as a mail. */
export interface Rendering {
  /** RFC 5322 and MIME: raw UTF-8 in header fields, bodies in base64, attached items as message/rfc822. */
  bytes: Buffer;
  /** Codes of what was damaged or too much to be read, see docs/glossary.md. */
  defects: string[];
}

/** Body of an entity with the fields that describe it. */
interface Entity {
  fields: string[];
  body: Buffer[];
}

/** An item with what is read of it and of the items in it, by their paths. */
interface Work {
  item: OutlookItem;
  path: string;
  messages: ReadonlyMap<string, TnefMessage>;
  /** Told apart from everything that may stand in the item: nobody can foresee it. */
  boundary: string;
}

const crlf = "\r\n";
const base64LineCharacters = 76;
/** Fields of the way a mail came that describe octets which Outlook does not keep. */
const replacedFields = /^(?:content-[a-z-]+|mime-version)$/;

/**
 * Writes an item of Outlook as a mail, for reading and searching: derived, and the same for the same item at any time.
 *
 * Header fields are those that the mail came with, where Outlook kept them, else made of properties; the text is that of
 * plain body, HTML and RTF. S/MIME, which Outlook keeps in an attachment, stands as it was sent. Never throws.
 * @param seed what boundaries are made of: a digest of the item, so that it cannot hold them
 */
export function renderItem(item: OutlookItem, seed: string): Rendering {
  const { messages, defects }: TnefReading = readDraftItem(draftOf(item));
  const byPath = new Map(messages.map((message) => [message.path, message]));
  const work = { item, path: "", messages: byPath, boundary: `=_${seed.slice(0, 32)}` };
  return { bytes: Buffer.concat(mailOf(work, byPath.get(""))), defects: [...new Set<string>(defects)] };
}

function mailOf(work: Work, message: TnefMessage | undefined): Buffer[] {
  const fields = message === undefined ? [] : headerOf(work.item, message);
  const entity = smimeOf(work, message) ?? contentOf(work, message);
  return [Buffer.from([...fields, "MIME-Version: 1.0", ...entity.fields, "", ""].join(crlf)), ...entity.body];
}

/** The fields that the mail came with, then those of the item's properties that it lacks. */
function headerOf(item: OutlookItem, message: TnefMessage): string[] {
  const draft = draftOf(item);
  const text = (id: number) => clean(textOf(draft.properties.get(id), draft.page)).trim();
  const raw = textOf(draft.properties.get(ids.transportHeaders), draft.page).slice(0, headersBytesMax);
  const fields: string[] = [];
  const names = new Set<string>();
  for (const field of raw.split(/\r\n?(?![ \t\n])|\n(?![ \t])/)) {
    const name = /^([!-9;-~]+)[ \t]*:/.exec(field)?.[1]?.toLowerCase();
    if (name === undefined || replacedFields.test(name)) continue;
    names.add(name);
    fields.push(field.replace(/\0/g, "").replace(/\r\n?|\n/g, crlf));
  }
  const add = (name: string, value: string) => {
    if (value !== "" && !names.has(name.toLowerCase())) fields.push(`${name}: ${value}`);
  };
  const people = (role: TnefMessage["people"][number]["role"]) => message.people.filter((one) => one.role === role);
  const [sender, represented] = people("from");
  add("From", mailbox(represented ?? sender));
  if (represented !== undefined) add("Sender", mailbox(sender));
  for (const [name, role] of [
    ["To", "to"],
    ["Cc", "cc"],
    ["Bcc", "bcc"],
  ] as const)
    add(name, people(role).map(mailbox).join(`,${crlf} `));
  add("Subject", clean(subjectOf(message.subject)));
  const at = timeOf(find(item, ids.submittedAt)) ?? timeOf(find(item, ids.deliveredAt));
  if (at !== null) add("Date", new Date(at).toUTCString().replace("GMT", "+0000"));
  add("Message-ID", text(ids.messageId));
  add("In-Reply-To", text(ids.inReplyTo));
  add("References", text(ids.references));
  return fields;
}

function find({ properties }: OutlookItem, id: number) {
  return properties.find((property) => property.id === id);
}

/** In a PST the length of `Re:` and the like stands before a subject, marked by U+0001 ([MS-PST] §2.5.3.1.1.1). */
function subjectOf(subject: string): string {
  return subject.startsWith("\u0001") ? subject.slice(2) : subject;
}

/** Without line ends and other control characters, which would end a field. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]+/g, " ").toWellFormed();
}

function mailbox(person: TnefMessage["people"][number] | undefined): string {
  if (person === undefined) return "";
  const name = clean(person.name).trim();
  const given = clean(person.address).trim();
  // Exchange's own addresses have blanks and comments in them, and are one local part as far as mail goes.
  const address = given === "" || plainAddress.test(given) ? given : quoted(given);
  return name === "" || name === given ? `<${address}>` : `${quoted(name)} <${address}>`;
}

/** What may stand in angle brackets as it is: atoms of any characters beyond ASCII too (RFC 6532 §3.2). */
const plainAddress = /^[^\s()<>[\]:;,\\"]+$/;

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** What S/MIME made of the mail: Outlook keeps it in the one attachment of a message of this class ([MS-OXOSMIME] §2.1). */
function smimeOf({ item }: Work, message: TnefMessage | undefined): Entity | null {
  const [file] = message?.attachments ?? [];
  if (message === undefined || !/^IPM\.Note\.SMIME/i.test(message.messageClass)) return null;
  if (item.attachments.length !== 1 || file?.kind !== "file") return null;
  const { bytes } = file;
  // A whole entity with its own header where it is signed in clear, else what is encrypted or signed.
  if (/^content-/i.test(bytes.toString("latin1", 0, 100))) {
    const end = /\r?\n\r?\n/.exec(bytes.toString("latin1", 0, headersBytesMax));
    if (end === null) return null;
    const own = bytes.toString("latin1", 0, end.index);
    return { fields: [own], body: [bytes.subarray(end.index + end[0].length)] };
  }
  return leaf('application/pkcs7-mime; name="smime.p7m"', bytes, []);
}

function contentOf(work: Work, message: TnefMessage | undefined): Entity {
  const { path } = work;
  const body = bodyOf(work, message);
  const attachments = (message?.attachments ?? []).flatMap((attachment, index): Entity[] => {
    if (attachment.kind === "file") return [fileOf(attachment)];
    const item = work.item.attachments[index]?.item;
    const inner = work.messages.get(attachment.path);
    if (!item || inner === undefined) return [];
    const fields = ["Content-Type: message/rfc822", ...disposition(attachment.name)];
    return [{ fields, body: mailOf({ ...work, item, path: attachment.path }, inner) }];
  });
  return attachments.length === 0 ? body : multipart("mixed", `${work.boundary}_m${path}`, [body, ...attachments]);
}

function bodyOf({ path, boundary }: Work, message: TnefMessage | undefined): Entity {
  const text = () => leaf("text/plain; charset=utf-8", Buffer.from(message?.text ?? ""), []);
  const html = message?.html ?? null;
  if (html === null) return text();
  const asHtml = leaf("text/html; charset=utf-8", Buffer.from(html), []);
  return message?.text === "" ? asHtml : multipart("alternative", `${boundary}_a${path}`, [text(), asHtml]);
}

const token = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/;

function fileOf(file: TnefMessage["attachments"][number] & { kind: "file" }): Entity {
  const type = token.test(file.type) && !file.type.startsWith("multipart/") ? file.type : "application/octet-stream";
  const id = clean(file.contentId ?? "").replace(/[<>\s]/g, "");
  const fields = [...disposition(file.name), ...(id === "" ? [] : [`Content-ID: <${id}>`])];
  // A mail as a file is a mail, and a transfer encoding over it would be against RFC 2046 §5.2.1.
  if (type === "message/rfc822") return { fields: [`Content-Type: ${type}`, ...fields], body: [file.bytes] };
  return leaf(type.startsWith("message/") ? "application/octet-stream" : type, file.bytes, fields);
}

/** The name as RFC 2231 §4 has it, octets of UTF-8 in hexadecimal, whatever characters it has. */
function disposition(name: string): string[] {
  if (name === "") return ["Content-Disposition: attachment"];
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*!]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return [`Content-Disposition: attachment;${crlf} filename*=UTF-8''${encoded}`];
}

function leaf(type: string, content: Buffer, fields: string[]): Entity {
  return {
    fields: [`Content-Type: ${type}`, "Content-Transfer-Encoding: base64", ...fields],
    body: base64Lines(content),
  };
}

/** In pieces, so that no text of hundreds of megabytes comes to be. */
function base64Lines(content: Buffer): Buffer[] {
  const lineBytes = (base64LineCharacters / 4) * 3;
  const pieceBytes = lineBytes * 10_000;
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length; at += pieceBytes) {
    const text = content.toString("base64", at, Math.min(content.length, at + pieceBytes));
    pieces.push(Buffer.from(text.replace(/.{1,76}/g, `$&${crlf}`), "latin1"));
  }
  return pieces;
}

function multipart(subtype: string, boundary: string, parts: readonly Entity[]): Entity {
  const body = parts.flatMap((part, index) => [
    Buffer.from(`${index === 0 ? "" : crlf}--${boundary}${crlf}${part.fields.join(crlf)}${crlf}${crlf}`),
    ...part.body,
  ]);
  body.push(Buffer.from(`${crlf}--${boundary}--${crlf}`));
  return { fields: [`Content-Type: multipart/${subtype}; boundary="${boundary}"`], body };
}
