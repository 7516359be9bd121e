import { type MailPart, type MailReading, readMessage } from "#mail/index.ts";
import { innerHeaderBytesMax } from "./limits.ts";
import { type Marker, markerOf } from "./shape.ts";

/** What the header of a wrapped message says. */
export interface InnerHeader {
  messageId: string | null;
  /** The field that makes it a journal report itself; null when it is none. */
  marker: Marker | null;
}

/** Reads the header of a wrapped message; null for one that is encoded: it has no header to look at. */
export function innerHeader(bytes: Uint8Array, reading: MailReading, part: MailPart): InnerHeader | null {
  const message = reading.parts.find(({ path }) => path === `${part.path}.0`);
  if (message === undefined) return null;
  const { start, end } = message.header;
  const header = bytes.subarray(start, Math.min(end, start + innerHeaderBytesMax));
  const read = readMessage(header);
  return { messageId: read.headers.messageId, marker: markerOf(header, read) };
}
