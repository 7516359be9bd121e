import type { MailPart, MailReading } from "#mail/index.ts";
import type { ReportDialect } from "./unwrapping.ts";

/** What of a message can be seen, without reading its text, that makes it a journal report or speaks against it. */
export interface Shape {
  /** The header field by which the sender says that this is a report; null when there is none. */
  marker: Marker | null;
  /** Whether the outermost part is multipart/mixed, as reports are. */
  isMixed: boolean;
  /** Plain text parts before the first wrapped message, in order; the report text is among them or nowhere. */
  textsBefore: MailPart[];
  /** Plain text parts behind it: never a report text, whoever wrote them. */
  textsBehind: MailPart[];
  /** Whether anything that people read as text stands before the first wrapped message. */
  hasTextBefore: boolean;
  /** Wrapped messages, the outermost ones only. */
  messages: MailPart[];
  /** Whether Outlook's own wrapping (winmail.dat) stands where a message should be. */
  hasTnef: boolean;
}

/** The field that marks a report, and whose reports have it. */
export interface Marker {
  field: string;
  dialect: ReportDialect;
}

/** Looks at header fields and at the parts directly below the outermost one; deeper ones belong to somebody's mail. */
export function shapeOf(bytes: Uint8Array, reading: MailReading): Shape {
  const root = reading.parts[0]!;
  const isContainer = root.type.startsWith("multipart/");
  const top = isContainer ? reading.parts.filter((part) => part.depth === 1 && /^\d+$/.test(part.path)) : [root];
  const firstMessage = top.findIndex(isWrappedMessage);
  const before = firstMessage < 0 ? top : top.slice(0, firstMessage);
  const behind = firstMessage < 0 ? [] : top.slice(firstMessage + 1);
  return {
    marker: markerOf(bytes, reading),
    isMixed: root.type === "multipart/mixed",
    textsBefore: before.flatMap((part) => plainTextsOf(part, reading)),
    textsBehind: behind.filter(isPlainText),
    hasTextBefore: before.some((part) => part.type.startsWith("text/") || part.type === "multipart/alternative"),
    messages: top.filter(isWrappedMessage),
    hasTnef: top.some(({ type }) => type === "application/ms-tnef" || type === "application/vnd.ms-tnef"),
  };
}

/**
 * The misspelt name is what Exchange 2000 and 2003 write over SMTP, the right one what they show over POP3; the second of the
 * younger names is what the first is called before a report leaves Exchange (header firewall).
 */
const markers: ReadonlyMap<string, ReportDialect> = new Map([
  ["x-ms-journal-report", "eej2007"],
  ["x-ms-exchange-organization-journal-report", "eej2007"],
  ["content-identifer", "eej2003"],
  ["content-identifier", "eej2003"],
]);

/** Longest value of a marking field that is looked at: the word has 15 characters. */
const markerBytesMax = 200;

/** The first field that marks a report; null when there is none. */
export function markerOf(bytes: Uint8Array, reading: MailReading): Marker | null {
  for (const { name, value } of reading.fields) {
    const dialect = markers.get(name);
    if (dialect === undefined) continue;
    // The younger field is empty; the older one says of many a thing what it is.
    if (dialect === "eej2007") return { field: name, dialect };
    const text = Buffer.from(bytes.subarray(value.start, Math.min(value.end, value.start + markerBytesMax)));
    if (/^\s*ExJournalReport\s*$/i.test(text.toString("latin1"))) return { field: name, dialect };
  }
  return null;
}

/** A report of Exchange 2003 has its text in plain and in HTML, side by side. */
function plainTextsOf(part: MailPart, reading: MailReading): MailPart[] {
  if (isPlainText(part)) return [part];
  if (part.type !== "multipart/alternative") return [];
  const prefix = `${part.path}.`;
  return reading.parts.filter(
    (each) => each.depth === part.depth + 1 && each.path.startsWith(prefix) && isPlainText(each),
  );
}

/** Whether a part is a message that stands in another. */
export function isWrappedMessage(part: MailPart): boolean {
  return part.type === "message/rfc822" || part.type === "message/global";
}

function isPlainText(part: MailPart): boolean {
  return part.type === "text/plain";
}
