import type { MessageRow, ReceiptRow, SmimeEntry } from "#catalogue/index.ts";
import { type Envelope, type Instant, type MessageId, messageIdOf, type Origin, type Sha256 } from "#core/index.ts";
import { unwrap } from "#journal/index.ts";
import { readSmime } from "#smime/index.ts";
import { type Description, describe, type EntityDescription } from "./describe.ts";
import { digestOf } from "./digest.ts";
import { correspondentsOf, type Direction, directionOf } from "./direction.ts";
import { envelopeUnion } from "./envelope-union.ts";
import { readMail } from "./readable-mail.ts";
import { smimeEntry } from "./smime-entry.ts";

/** An entity or message in the form that is shown: times as RFC 3339. */
type ShownEntity = Omit<EntityDescription, "headers"> & {
  headers: Omit<EntityDescription["headers"], "date"> & { date: string | null };
};

/** What a journal report around the message says of itself. */
interface ShownJournal {
  dialect: string;
  confidence: number;
  reasons: string[];
}

/** Everything understood of one message, as `muniment show` and `parse` print it. */
export interface ShownMessage extends ShownEntity {
  id: MessageId;
  sha256: Sha256;
  bytes: number;
  /** How the message is kept: null as a mail; else what is shown is of a mail derived from it. */
  form: Description["form"];
  /** Of the first receipt that came in a report; null when none did. */
  journal: ShownJournal | null;
  /** What all receipts together say; no recipients when none of them has an envelope. */
  envelope: Pick<Envelope, "sender" | "onBehalfOf" | "recipients">;
  smime: ShownSmime | null;
  /** What Outlook had wrapped in winmail.dat parts, outermost first. */
  tnef: (ShownEntity & { path: string; isDecrypted: boolean })[];
  /** Null when the tenant has no own domains, and for a file. */
  direction: Direction | null;
  threadId: string | null;
  receipts: ShownReceipt[];
  /** Why it is quarantined; null when it is not. */
  quarantine: { reason: string } | null;
}

interface ShownReceipt {
  id: string;
  at: string;
  connector: string;
  state: ReceiptRow["state"];
  reason: string | null;
  flags: string[];
  envelope: Envelope | null;
  /** Of an import: the file, and the member in it. */
  place: string | null;
  /** Of an import: the source that was reported on, folder and owner; null where nothing is known of them. */
  origin: Origin | null;
}

type Signature = NonNullable<SmimeEntry["signature"]>;
type Signer = NonNullable<Signature["signer"]>;

interface ShownSignature extends Omit<Signature, "signer"> {
  signer: (Omit<Signer, "notAfter"> & { notAfter: string }) | null;
}

/** What S/MIME made of it, with what the innermost entity says. */
interface ShownSmime extends Pick<SmimeEntry, "state" | "algorithm" | "recipients" | "key" | "isCut"> {
  signature: ShownSignature | null;
  /** Of the innermost entity that may be seen; null when there is none. */
  headers: ShownEntity["headers"] | null;
  text: string | null;
  parts: ShownEntity["parts"];
  /** Every entity, outermost first. */
  entities: (ShownEntity & Pick<Description["entities"][number], "path" | "isDecrypted" | "isAuthenticated">)[];
}

/** An archived message in the form that is shown. `mayDecrypt` is whether the reader may see what was encrypted; `ownDomains` are the tenant's. */
export function shownMessage(
  row: MessageRow,
  description: Description,
  { mayDecrypt, ownDomains }: { mayDecrypt: boolean; ownDomains: readonly string[] },
): ShownMessage {
  const report = row.receipts.find((receipt) => receipt.report !== null)?.report ?? null;
  const quarantined = row.receipts.find(({ state }) => state === "quarantined");
  return {
    id: row.id,
    sha256: row.sha256,
    bytes: row.bytes,
    form: description.form,
    journal: report && { dialect: report.dialect, confidence: report.confidence, reasons: report.reasons },
    envelope: envelopeUnion(row.receipts.map(({ envelope }) => envelope)) ?? noEnvelope,
    ...shownEntity(description),
    smime: shownSmime(description, mayDecrypt),
    tnef: shownTnef(description, mayDecrypt),
    direction: directionOf(correspondentsOf(row), ownDomains),
    threadId: description.threadId,
    receipts: row.receipts.map(({ receipt, receivedAt, connector, state, reason, flags, envelope, hop }) => ({
      ...{ id: receipt, at: timeText(receivedAt), connector, state, reason, flags, envelope },
      place: hop.transport === "import" ? hop.peer : null,
      origin: hop.origin ?? null,
    })),
    quarantine: quarantined === undefined ? null : { reason: quarantined.reason ?? "unknown" },
  };
}

/**
 * A file in the same form, read as a connector of this type would read it at `at`; nothing is archived, and no key is at
 * hand. Never throws on mail.
 */
export function shownFile(file: Buffer, type: "standard" | "eej", at: Instant): ShownMessage {
  const sent = readMail(file, digestOf(file));
  const found = type === "eej" && sent.form === null ? unwrap(file, sent.reading) : null;
  const isReport = found?.kind === "report";
  const hasDialect = isReport || found?.kind === "copy";
  const bytes = isReport ? Buffer.from(found.decoded ?? file.subarray(found.inner.start, found.inner.end)) : file;
  const sha256 = digestOf(bytes);
  const id = messageIdOf(sha256);
  const mail = isReport ? readMail(bytes, sha256) : sent;
  const smime = readSmime(mail.bytes, mail.reading, { keys: [], authorities: [], at });
  const opened = smime === null ? null : { smime: smimeEntry(id, smime, null, at), entities: smime.entities };
  const description = describe(mail, opened);
  return {
    ...{ id, sha256, bytes: bytes.length, form: mail.form },
    journal: hasDialect ? { dialect: found.dialect, confidence: found.confidence, reasons: found.reasons } : null,
    envelope: isReport ? found.envelope : noEnvelope,
    ...shownEntity(description),
    smime: shownSmime(description, true),
    tnef: shownTnef(description, true),
    direction: null,
    threadId: description.threadId,
    receipts: [],
    quarantine: found?.kind === "unreadable" ? { reason: found.reason } : null,
  };
}

const noEnvelope: Envelope = { sender: null, onBehalfOf: null, recipients: [] };

const timeText = (at: Instant): string => new Date(at).toISOString();

function shownEntity({ headers, parts, text, defects }: EntityDescription): ShownEntity {
  return { headers: { ...headers, date: headers.date === null ? null : timeText(headers.date) }, parts, text, defects };
}

function shownSmime({ smime, entities }: Description, mayDecrypt: boolean): ShownSmime | null {
  if (smime === null) return null;
  const { state, algorithm, recipients, key, signature, isCut } = smime;
  const seen = entities
    .filter(({ isDecrypted }) => mayDecrypt || !isDecrypted)
    .map((entity) => ({
      ...{ path: entity.path, isDecrypted: entity.isDecrypted, isAuthenticated: entity.isAuthenticated },
      ...shownEntity(entity),
    }));
  const innermost = seen.at(-1);
  return {
    ...{ state, algorithm, recipients, key, isCut },
    signature: shownSignature(signature),
    headers: innermost?.headers ?? null,
    text: innermost?.text ?? null,
    parts: innermost?.parts ?? [],
    entities: seen,
  };
}

function shownTnef({ tnef }: Description, mayDecrypt: boolean): ShownMessage["tnef"] {
  return tnef
    .filter(({ isDecrypted }) => mayDecrypt || !isDecrypted)
    .map((entity) => ({ path: entity.path, isDecrypted: entity.isDecrypted, ...shownEntity(entity) }));
}

function shownSignature(signature: Signature | null): ShownSignature | null {
  if (signature === null) return null;
  const { signer } = signature;
  return { ...signature, signer: signer && { ...signer, notAfter: timeText(signer.notAfter) } };
}
