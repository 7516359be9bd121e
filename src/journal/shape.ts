import { type MailPart, type MailReading, topmostField } from "#mail/index.ts";

/** What of a message can be seen, without reading its text, that makes it a journal report or speaks against it. */
export interface Shape {
  /** The header field by which Exchange 2007 or later says that this is a report; null when there is none. */
  marker: string | null;
  /** The one by which Exchange 2003 does, in either spelling. */
  legacyMarker: string | null;
  /** Whether the outermost part is multipart/mixed, as reports are. */
  isMixed: boolean;
  /** Plain text parts before the first wrapped message, in order; the report text is among them or nowhere. */
  textsBefore: MailPart[];
  /** Plain text parts that stand there within a multipart/alternative: where Exchange 2003 has its text. */
  alternativesBefore: MailPart[];
  /** Plain text parts behind it: never a report text, whoever wrote them. */
  textsBehind: MailPart[];
  /** Whether anything that people read as text stands before the first wrapped message. */
  hasTextBefore: boolean;
  /** Whether the whole, or a part directly below it, is Outlook's winmail.dat, in which a report can be hidden. */
  hasTnef: boolean;
  /** Wrapped messages, the outermost ones only. */
  messages: MailPart[];
}

/** Looks at header fields and at the parts directly below the outermost one; deeper ones belong to somebody's mail. */
export function shapeOf(bytes: Uint8Array, reading: MailReading): Shape {
  const root = reading.parts[0]!;
  const isContainer = root.type.startsWith("multipart/");
  const top = isContainer ? reading.parts.filter((part) => part.depth === 1 && /^\d+$/.test(part.path)) : [root];
  const firstMessage = top.findIndex(isWrappedMessage);
  const before = firstMessage < 0 ? top : top.slice(0, firstMessage);
  const behind = firstMessage < 0 ? [] : top.slice(firstMessage + 1);
  const alternatives = new Set(before.filter(({ type }) => type === "multipart/alternative").map(({ path }) => path));
  return {
    marker: reading.fields.find((field) => markers.has(field.name))?.name ?? null,
    legacyMarker: legacyMarkers.find((name) => isLegacyMarker(topmostField(bytes, reading, name, 100))) ?? null,
    isMixed: root.type === "multipart/mixed",
    textsBefore: before.filter(isPlainText),
    alternativesBefore: reading.parts.filter(
      (part) => part.depth === 2 && isPlainText(part) && alternatives.has(part.path.slice(0, part.path.indexOf("."))),
    ),
    textsBehind: behind.filter(isPlainText),
    hasTextBefore: before.some((part) => part.type.startsWith("text/") || part.type === "multipart/alternative"),
    hasTnef: top.some(({ type }) => type === "application/ms-tnef" || type === "application/vnd.ms-tnef"),
    messages: top.filter(isWrappedMessage),
  };
}

/** The second name is what the first is called before a report leaves Exchange (header firewall). */
const markers = new Set(["x-ms-journal-report", "x-ms-exchange-organization-journal-report"]);

/** Exchange 2003 misspelt it over SMTP; what is fetched from a mailbox may have it right. */
const legacyMarkers = ["content-identifer", "content-identifier"];

function isLegacyMarker(value: string | null): boolean {
  return value !== null && value.trim().toLowerCase() === "exjournalreport";
}

/** Whether a part is a whole message. */
export function isWrappedMessage(part: MailPart): boolean {
  return part.type === "message/rfc822" || part.type === "message/global";
}

function isPlainText(part: MailPart): boolean {
  return part.type === "text/plain";
}
