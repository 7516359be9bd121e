import type { MessageRow, ReceiptRow, SmimeEntry } from "#catalogue/index.ts";
import { type EnvelopeRecipient, foldAddress, type Mailbox } from "#core/index.ts";
import type { SearchDocument } from "#search/index.ts";
import type { ArchivedReading } from "./archived-reader.ts";
import { correspondentsOf, directionOf } from "./direction.ts";

const written = ({ name, address }: Mailbox): string => (name === "" ? address : `${name} <${address}>`);

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

function envelopeRecipients(receipts: readonly ReceiptRow[]): EnvelopeRecipient[] {
  return receipts.flatMap((receipt) => receipt.envelope?.recipients ?? []);
}

/** Both sides of an expansion or a forwarding are searched: who got it, and the list or mailbox it went through. */
function addressesOf(recipients: readonly EnvelopeRecipient[]): string[] {
  return unique(recipients.flatMap(({ address, via }) => (via === null ? [address] : [address, via])));
}

/** States in which an object could not be read as far as to tell whether it is encrypted. */
const untoldStates = new Set<SmimeEntry["state"]>(["unsupported-alg", "corrupt"]);

function isEncrypted(row: MessageRow, smime: SmimeEntry | null): boolean {
  if (smime !== null && (smime.algorithm !== null || untoldStates.has(smime.state))) return true;
  return row.parts.some(({ type }) => type === "application/pgp-encrypted");
}

/** States in which there is more in a message than search knows of. */
const unreadStates = new Set<SmimeEntry["state"]>([
  "encrypted-no-key",
  "encrypted-bad-key",
  "unsupported-alg",
  "corrupt",
]);

function isPartlyRead({ state, isCut }: SmimeEntry): boolean {
  return isCut || unreadStates.has(state);
}

function smimeMarks(smime: SmimeEntry | null): string[] {
  if (smime === null) return [];
  const words = [smime.state, ...(smime.signature === null ? [] : [smime.signature.state])];
  const signed = smime.signature === null ? [] : ["signed"];
  return [...words.map((word) => word.replaceAll("-", "_")), ...signed, ...(isPartlyRead(smime) ? ["partial"] : [])];
}

function marksOf(row: MessageRow, smime: SmimeEntry | null): string[] {
  const marks: string[] = row.receipts.flatMap((receipt) =>
    receipt.supersededBy === undefined ? [receipt.state, ...receipt.flags] : [],
  );
  if (row.receipts.some(({ hop }) => hop.transport === "import")) marks.push("imported");
  if (row.parts.some((part) => part.filename !== null)) marks.push("attachment");
  marks.push(...smimeMarks(smime));
  if (isEncrypted(row, smime)) marks.push("encrypted");
  if (row.defects.length > 0) marks.push("partial");
  if (row.defects.includes("ambiguous")) marks.push("ambiguous");
  marks.push(...row.defects.map((code) => `defect_${code}`));
  if (marks.some((mark) => mark.startsWith("source_clock_"))) marks.push("source_clock");
  return unique(marks);
}

/** How the envelopes say that people were addressed and came to get it, and through which lists and mailboxes. */
function recipientMarks(recipients: readonly EnvelopeRecipient[]): string[] {
  return unique(
    recipients.flatMap(({ role, relation, via }) => [
      ...[`role_${role}`, `relation_${relation}`],
      ...(via === null ? [] : [`via_${foldAddress(via)}`]),
    ]),
  );
}

function directionMarks(row: MessageRow, ownDomains: readonly string[]): string[] {
  const direction = directionOf(correspondentsOf(row), ownDomains);
  return direction === null ? [] : [`direction_${direction}`];
}

/** When the message counts as sent: its Date field, else its first capture. */
function sentAt(row: MessageRow) {
  const first = row.receipts[0];
  return row.date ?? first?.receivedAt ?? row.archivedAt;
}

/** What search knows of a message: the catalogue's entry with all its receipts, and what was read of it. */
export function documentOf(
  row: MessageRow,
  { text, filenames, smime }: ArchivedReading,
  ownDomains: readonly string[],
): SearchDocument {
  const recipients = envelopeRecipients(row.receipts);
  const senders = row.receipts.flatMap(({ envelope }) => [envelope?.sender ?? [], envelope?.onBehalfOf ?? []].flat());
  return {
    message: row.id,
    sentAt: sentAt(row),
    subject: row.subject,
    text,
    from: row.from.map(written),
    headerTo: row.to.map(written),
    headerCc: row.cc.map(written),
    headerBcc: row.bcc.map(written),
    envelopeFrom: unique(senders),
    envelopeTo: addressesOf(recipients),
    envelopeBcc: addressesOf(recipients.filter(({ role }) => role === "bcc")),
    filenames: [...row.parts.flatMap((part) => part.filename ?? []), ...filenames],
    sha256: unique([row.sha256, ...row.receipts.flatMap(({ report }) => report?.sha256 ?? [])]),
    messageId: row.messageId,
    connectors: unique(row.receipts.map((receipt) => receipt.connector)),
    marks: [...marksOf(row, smime), ...recipientMarks(recipients), ...directionMarks(row, ownDomains)],
    bytes: row.bytes,
  };
}
