import { envelopeUnion, type MessageView, type OpenedEntity } from "#archive/index.ts";
import type { MessageRow, ReceiptRow, SmimeEntry } from "#catalogue/index.ts";
import { type Mailbox, must } from "#core/index.ts";
import { recipientLines } from "./recipients.ts";
import type { MessageDetail, MessageSummary } from "./schemas/messages.ts";
import { timeText, timeTextOrNull } from "./times.ts";

/** A message as one line of a result list. State and reason are those of its first receipt. */
export function summaryJson(row: MessageRow): MessageSummary {
  const first = row.receipts[0];
  must(first !== undefined, "a message in the catalogue has a receipt");
  return {
    id: row.id,
    sha256: row.sha256,
    bytes: row.bytes,
    subject: row.subject,
    from: row.from.map(mailboxText).join(", "),
    to: row.to.map(mailboxText),
    date: timeTextOrNull(row.date),
    archivedAt: timeText(row.archivedAt),
    state: first.state,
    reason: first.reason,
    flags: [...new Set(row.receipts.flatMap(({ flags }) => flags))],
    hasAttachment: row.parts.some(({ filename }) => filename !== null),
    receipts: row.receipts.length,
    envelopeRecipients: envelopeOf(row)?.recipients.length ?? 0,
  };
}

/**
 * A message read for display, with everything known of how it came.
 *
 * @param mayDecrypt whether the reader may see what was encrypted
 */
export function detailJson(
  { row, reading, smime, entities, tnef, verified }: MessageView,
  mayDecrypt: boolean,
): MessageDetail {
  const { from, to, cc, bcc, subject, messageId } = row;
  const envelope = envelopeOf(row);
  return {
    ...summaryJson(row),
    messageId,
    headers: { from, to, cc, bcc, subject, date: timeTextOrNull(row.date), messageId },
    envelope,
    recipients: recipientLines({ to, cc, bcc }, envelope?.recipients ?? null),
    parts: row.parts,
    defects: row.defects,
    text: reading.plain ?? reading.text,
    html: reading.html,
    smime: smime === null ? null : smimeJson(smime),
    entities: entities.filter(({ isDecrypted }) => mayDecrypt || !isDecrypted).map(entityJson),
    tnef: tnef
      .filter(({ isDecrypted }) => mayDecrypt || !isDecrypted)
      .map(({ headers, ...entity }) => ({ ...entity, headers: { ...headers, date: timeTextOrNull(headers.date) } })),
    hidden: entities.filter(({ isDecrypted }) => isDecrypted && !mayDecrypt).length,
    verified,
    receipts: row.receipts.map(receiptJson),
  };
}

function smimeJson({ state, algorithm, recipients, key, signature, isCut, decidedAt }: SmimeEntry): SmimeJson {
  const { signer = null } = signature ?? {};
  return {
    ...{ state, algorithm, recipients, key, isCut, decidedAt: timeText(decidedAt) },
    signature: signature && {
      ...signature,
      signer: signer && { ...signer, notAfter: timeText(signer.notAfter) },
    },
  };
}

function entityJson({ reading, ...entity }: OpenedEntity): MessageDetail["entities"][number] {
  const { from, to, cc, bcc, subject, date, messageId } = reading.headers;
  return {
    ...entity,
    headers: { from, to, cc, bcc, subject, date: timeTextOrNull(date), messageId },
    text: reading.plain ?? reading.text,
    html: reading.html,
    defects: [...new Set(reading.defects.map(({ code }) => code))],
  };
}

type SmimeJson = NonNullable<MessageDetail["smime"]>;

function envelopeOf(row: MessageRow) {
  return envelopeUnion(row.receipts.map(({ envelope }) => envelope));
}

function receiptJson(receipt: ReceiptRow): MessageDetail["receipts"][number] {
  const { begunAt: _begunAt, uidl: _uidl, ...hop } = receipt.hop;
  const { report } = receipt;
  return {
    id: receipt.receipt,
    state: receipt.state,
    reason: receipt.reason,
    flags: receipt.flags,
    receivedAt: timeText(receipt.receivedAt),
    archivedAt: timeText(receipt.archivedAt),
    connector: receipt.connector,
    hop,
    envelope: receipt.envelope,
    report:
      report === null
        ? null
        : {
            sha256: report.sha256,
            bytes: report.bytes,
            dialect: report.dialect,
            confidence: report.confidence,
            reasons: report.reasons,
          },
  };
}

function mailboxText({ name, address }: Mailbox): string {
  if (name === "") return address;
  return address === "" ? name : `${name} <${address}>`;
}
