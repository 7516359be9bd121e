/**
 * Items as Outlook keeps them, `.msg` files above all: octets in, a mail to read and search out.
 *
 * Pure: it never throws on mail, knows no storage and does no I/O. The octets are the original; the mail is derived from
 * them, each time alike.
 */
import { isCompound } from "./compound-file.ts";
import { readMsg } from "./read-msg.ts";
import { type Rendering, renderItem } from "./render.ts";
import { isStoredItem, readStoredItem } from "./stored-item.ts";

export type { OutlookAttachment, OutlookItem, OutlookProperty } from "./item.ts";
export type { Rendering } from "./render.ts";
export { storeItem } from "./stored-item.ts";

/**
 * How octets that are no mail by themselves are to be read; null when they are to be read as a mail. `msg`: a file of
 * Outlook; `pst-item`: an item of a PST file, as docs/formats/outlook-item.md says.
 */
export type OutlookForm = "msg" | "pst-item" | null;

/**
 * Which form these octets have, told by how they begin. No mail begins so: a header field has a name of ASCII characters
 * (RFC 5322 §2.2).
 */
export function outlookForm(bytes: Uint8Array): OutlookForm {
  if (isStoredItem(bytes)) return "pst-item";
  return isCompound(bytes) ? "msg" : null;
}

/**
 * The mail that an item of Outlook says, null when the octets are none. Never throws; time and memory are linear in the
 * length. The same octets always give the same mail.
 * @param sha256 digest of the octets, in hexadecimal
 */
export function renderOutlook(bytes: Uint8Array, sha256: string): Rendering | null {
  const form = outlookForm(bytes);
  if (form === null) return null;
  const octets = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { item, isDamaged } = form === "msg" ? readMsg(octets) : readStoredItem(octets);
  const rendering = renderItem(item, sha256);
  return { ...rendering, defects: isDamaged ? ["outlook_damaged", ...rendering.defects] : rendering.defects };
}
