import { type Decision, foldAddress } from "#core/index.ts";
import type {
  ConnectorEntry,
  CredentialEntry,
  EnvelopeRules,
  MessageEntry,
  OwnDomainsEntry,
  PackEntry,
  PartEntry,
  PersonEntry,
  Pop3Settings,
  ReceiptRow,
  SmimeEntry,
  SmtpSettings,
  SupersededPack,
} from "./entries.ts";
import type {
  ConnectorsTable,
  CredentialsTable,
  Json,
  MessagesTable,
  PacksTable,
  PartsTable,
  PeopleTable,
  ReceiptsTable,
  RecipientsTable,
  SmimeTable,
  SupersededTable,
} from "./tables.ts";
import { isUnread } from "./unread.ts";

/** The row of a message; {@link messageFromRow} is its inverse. */
export function messageToRow(entry: MessageEntry): MessagesTable {
  return {
    id: entry.id,
    sha256: entry.sha256,
    bytes: entry.bytes,
    pack: entry.pack,
    stored_at: entry.storedAt,
    archived_at: entry.archivedAt,
    subject: entry.subject,
    from_list: JSON.stringify(entry.from),
    to_list: JSON.stringify(entry.to),
    cc_list: JSON.stringify(entry.cc),
    bcc_list: JSON.stringify(entry.bcc),
    header_id: entry.messageId,
    dated_at: entry.date,
    parts: JSON.stringify(entry.parts),
    defects: JSON.stringify(entry.defects),
  };
}

/** Whether the message of a row was left unread. */
export function isUnreadRow(row: Pick<MessagesTable, "defects">): boolean {
  return isUnread({ defects: read(row.defects) });
}

/** The message of a row. */
export function messageFromRow(row: MessagesTable): MessageEntry {
  return {
    id: row.id,
    sha256: row.sha256,
    bytes: row.bytes,
    pack: row.pack,
    storedAt: row.stored_at,
    archivedAt: row.archived_at,
    subject: row.subject,
    from: read(row.from_list),
    to: read(row.to_list),
    cc: read(row.cc_list),
    bcc: read(row.bcc_list),
    messageId: row.header_id,
    date: row.dated_at,
    parts: read(row.parts),
    defects: read(row.defects),
  };
}

/** The row of a receipt; {@link receiptFromRow} is its inverse. */
export function receiptToRow(entry: ReceiptRow): ReceiptsTable {
  return {
    receipt: entry.receipt,
    seq: entry.seq,
    message: entry.message,
    connector: entry.connector,
    state: entry.state,
    reason: entry.reason,
    flags: JSON.stringify(entry.flags),
    received_at: entry.receivedAt,
    archived_at: entry.archivedAt,
    hop: JSON.stringify(entry.hop),
    envelope: entry.envelope === null ? null : JSON.stringify(entry.envelope),
    report: entry.report === null ? null : JSON.stringify(entry.report),
    report_sha256: entry.report?.sha256 ?? null,
    report_pack: entry.report?.pack ?? null,
    source_key: entry.sourceKey,
    decision: entry.decision === undefined ? null : JSON.stringify(entry.decision),
    superseded_by: entry.supersededBy ?? null,
  };
}

/** The receipt of a row. */
export function receiptFromRow(row: ReceiptsTable): ReceiptRow {
  return {
    receipt: row.receipt,
    seq: row.seq,
    message: row.message,
    connector: row.connector,
    state: row.state,
    reason: row.reason,
    flags: read(row.flags),
    receivedAt: row.received_at,
    archivedAt: row.archived_at,
    hop: read(row.hop),
    envelope: row.envelope === null ? null : read(row.envelope),
    report: row.report === null ? null : read(row.report),
    sourceKey: row.source_key,
    ...(row.decision === null ? {} : { decision: read<Decision>(row.decision) }),
    ...(row.superseded_by === null ? {} : { supersededBy: row.superseded_by }),
  };
}

/** The rows of a receipt's envelope: none when it has no envelope. They are derived and never read back. */
export function recipientsToRows({ receipt, message, envelope }: ReceiptRow): RecipientsTable[] {
  return (envelope?.recipients ?? []).map(({ address, role, relation, via, source }, place) => ({
    receipt,
    place,
    message,
    address,
    address_folded: foldAddress(address),
    role,
    relation,
    via,
    source,
  }));
}

/** The row of what S/MIME made of a message; {@link smimeFromRow} is its inverse. */
export function smimeToRow({ message, state, key, ...facts }: SmimeEntry): SmimeTable {
  return { message, state, opened_by: key, facts: JSON.stringify(facts) };
}

/** What S/MIME made of a message, from its row. */
export function smimeFromRow({ message, state, opened_by: key, facts }: SmimeTable): SmimeEntry {
  return { message, state, key, ...read<Omit<SmimeEntry, "message" | "state" | "key">>(facts) };
}

/** The row of a pack; {@link packFromRow} is its inverse. */
export function packToRow({ pack, blob, bytes, sha256, createdAt }: PackEntry): PacksTable {
  return { pack, blob, bytes, sha256, created_at: createdAt };
}

/** The pack of a row. */
export function packFromRow({ pack, blob, bytes, sha256, created_at }: PacksTable): PackEntry {
  return { pack, blob, bytes, sha256, createdAt: created_at };
}

/** The superseded pack of a row. */
export function supersededFromRow({ replaced_by, since, turn: _, ...pack }: SupersededTable): SupersededPack {
  return { ...packFromRow(pack), by: replaced_by, since };
}

/** The row of a part; {@link partFromRow} is its inverse. */
export function partToRow({ name, bytes, pack, storedAt }: PartEntry): PartsTable {
  return { name, bytes, pack, stored_at: storedAt };
}

/** The inverse of {@link partToRow}. */
export function partFromRow({ name, bytes, pack, stored_at }: PartsTable): PartEntry {
  return { name, bytes, pack, storedAt: stored_at };
}

/** The row of a connector, its address folded beside it; {@link connectorFromRow} is its inverse. */
export function connectorToRow(entry: ConnectorEntry): ConnectorsTable {
  return {
    id: entry.id,
    tenant: entry.tenant,
    description: entry.description,
    enabled: entry.enabled ? 1 : 0,
    journal_address: entry.journalEmailAddress,
    journal_address_folded: foldAddress(entry.journalEmailAddress),
    transport: entry.transport,
    type: entry.type,
    max_age_days: entry.maxAgeDays,
    created_at: entry.createdAt,
    version: entry.version,
    pop3: entry.pop3 === undefined ? null : JSON.stringify(entry.pop3),
    smtp: entry.smtp === undefined ? null : JSON.stringify(entry.smtp),
    rules: entry.rules === undefined ? null : JSON.stringify(entry.rules),
  };
}

/** The connector of a row. */
export function connectorFromRow(row: ConnectorsTable): ConnectorEntry {
  return {
    id: row.id,
    tenant: row.tenant,
    description: row.description,
    enabled: row.enabled === 1,
    journalEmailAddress: row.journal_address,
    transport: row.transport,
    type: row.type,
    maxAgeDays: row.max_age_days,
    ...(row.pop3 === null ? {} : { pop3: read<Pop3Settings>(row.pop3) }),
    ...(row.smtp === null ? {} : { smtp: read<SmtpSettings>(row.smtp) }),
    ...(row.rules === null ? {} : { rules: read<EnvelopeRules>(row.rules) }),
    createdAt: row.created_at,
    version: row.version,
  };
}

/** The row of a person, the e-mail folded beside it; {@link personFromRow} is its inverse. */
export function personToRow({ id, tenant, email, role, passwordHash, createdAt }: PersonEntry): PeopleTable {
  return {
    id,
    tenant,
    email,
    email_folded: foldAddress(email),
    role,
    password_hash: passwordHash,
    created_at: createdAt,
  };
}

/** The person of a row. */
export function personFromRow(row: PeopleTable): PersonEntry {
  const { id, tenant, email, role, password_hash, created_at } = row;
  return { id, tenant, email, role, passwordHash: password_hash, createdAt: created_at };
}

/** The row of a credential; {@link credentialFromRow} is its inverse. */
export function credentialToRow(entry: CredentialEntry): CredentialsTable {
  const { kind, fingerprint, tenant, role, person, label, createdAt, expiresAt } = entry;
  return { kind, fingerprint, tenant, role, person, label, created_at: createdAt, expires_at: expiresAt };
}

/** The credential of a row. */
export function credentialFromRow(row: CredentialsTable): CredentialEntry {
  const { kind, fingerprint, tenant, role, person, label, created_at, expires_at } = row;
  return { kind, fingerprint, tenant, role, person, label, createdAt: created_at, expiresAt: expires_at };
}

/** Own domains from what the tenant's row has of them. */
export function ownDomainsFromRow(text: Json | null): OwnDomainsEntry {
  return text === null ? { domains: [], isJudged: true } : read<OwnDomainsEntry>(text);
}

function read<T>(text: Json): T {
  return JSON.parse(text) as T;
}
