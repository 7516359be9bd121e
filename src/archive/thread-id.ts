import { createHash } from "node:crypto";
import type { MailReading } from "#mail/index.ts";

/** Characters of a thread's id after its prefix: enough that two conversations of one archive never share one. */
const digits = 26;

/**
 * The id of the conversation a message belongs to, the same for all that name the same beginning: the first Message-ID of
 * References, else the one it answers, else its own. Null when it has none of them.
 *
 * Only a message's own header is asked, so the answer never changes and cycles have no place to arise; two halves of a
 * conversation whose middle cut References short have two ids.
 *
 * @see RFC 5322 §3.6.4
 */
export function threadIdOf({
  references,
  inReplyTo,
  messageId,
}: Pick<MailReading["headers"], "references" | "inReplyTo" | "messageId">): string | null {
  const root = references[0] ?? inReplyTo ?? messageId;
  if (root === null) return null;
  return `thr_${createHash("sha256").update(root).digest("hex").slice(0, digits)}`;
}
