import type {
  ConnectorId,
  ConnectorType,
  Instant,
  MessageId,
  PackId,
  PartName,
  ReceiptId,
  RecipientRelation,
  RecipientRole,
  RecipientSource,
  Sha256,
  TenantId,
} from "#core/index.ts";
import type {
  AuditEntry,
  ConnectorEntry,
  CredentialEntry,
  HistoryEntry,
  ReceiptRow,
  Role,
  SmimeEntry,
  StoredAt,
} from "./entries.ts";

/** A value of our own types as JSON text; read and written only by rows.ts. */
export type Json = string;

/** One row: which migration the file has reached. */
export interface SchemaTables {
  schema_version: { version: number };
}

/** The tables of one tenant. Lists and structures that are never asked for by their parts are JSON text. */
export interface TenantTables extends SchemaTables {
  packs: PacksTable;
  superseded: SupersededTable;
  parts: PartsTable;
  messages: MessagesTable;
  receipts: ReceiptsTable;
  recipients: RecipientsTable;
  changes: { seq: number; message: MessageId };
  smime: SmimeTable;
  /** Recipients of messages that no key has opened. */
  smime_waiting: { recipient: string; message: MessageId };
  tallies: TalliesTable;
  /** One row with id 1: number of messages, last receipt number, last change number. */
  counters: { id: number; messages: number; receipts: number; changes: number };
}

/** Packs that messages or reports may lie in. */
export interface PacksTable {
  pack: PackId;
  blob: string;
  bytes: number;
  sha256: Sha256;
  created_at: Instant;
}

/** Packs in whose place another one stands. */
export interface SupersededTable extends PacksTable {
  replaced_by: PackId;
  since: Instant;
  /** Counts merges, from 1: the order in which blobs may go. */
  turn: number;
}

/** Decoded bodies that are stored once. */
export interface PartsTable {
  name: PartName;
  bytes: number;
  pack: PackId;
  stored_at: StoredAt;
}

/** Archived messages, each once. */
export interface MessagesTable {
  id: MessageId;
  sha256: Sha256;
  bytes: number;
  pack: PackId;
  stored_at: StoredAt;
  archived_at: Instant;
  subject: string;
  from_list: Json;
  to_list: Json;
  cc_list: Json;
  bcc_list: Json;
  /** The Message-ID field. */
  header_id: string | null;
  /** The Date field. */
  dated_at: Instant | null;
  parts: Json;
  defects: Json;
}

/** Captures of messages, numbered in the order of commit. */
export interface ReceiptsTable {
  receipt: ReceiptId;
  seq: number;
  message: MessageId;
  connector: ConnectorId;
  state: ReceiptRow["state"];
  reason: string | null;
  flags: Json;
  received_at: Instant;
  archived_at: Instant;
  hop: Json;
  envelope: Json | null;
  report: Json | null;
  /** Two facts of `report` once more, to be looked up by. */
  report_sha256: Sha256 | null;
  report_pack: PackId | null;
  source_key: string | null;
  decision: Json | null;
  superseded_by: ReceiptId | null;
}

/** The recipients of a receipt's envelope once more, to be looked up by address. */
export interface RecipientsTable {
  receipt: ReceiptId;
  /** Place in the envelope, from 0. */
  place: number;
  message: MessageId;
  address: string;
  address_folded: string;
  role: RecipientRole;
  relation: RecipientRelation;
  via: string | null;
  source: RecipientSource;
}

/** What S/MIME made of messages. */
export interface SmimeTable {
  message: MessageId;
  state: SmimeEntry["state"];
  /** The key that opened it. */
  opened_by: string | null;
  facts: Json;
}

/** Counts of receipts by connector and day, kept with each commit so that nobody has to count. */
export interface TalliesTable {
  connector: ConnectorId;
  /** UTC day of receiving, `YYYY-MM-DD`. */
  day: string;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  last_received_at: Instant;
}

/** The tables of the installation. */
export interface InstallationTables extends SchemaTables {
  tenants: TenantsTable;
  connectors: ConnectorsTable;
  connector_history: ConnectorHistoryTable;
  people: PeopleTable;
  credentials: CredentialsTable;
  audit: Omit<AuditEntry, "subjects"> & { subjects: Json };
}

/** Tenants; rebuilt from the keys where they were lost. */
export interface TenantsTable {
  id: TenantId;
  name: string;
  created_at: Instant;
  own_domains: Json | null;
}

/** Configured sources of mail. */
export interface ConnectorsTable {
  id: ConnectorId;
  tenant: TenantId;
  description: string;
  /** 1 or 0. */
  enabled: number;
  journal_address: string;
  journal_address_folded: string;
  transport: ConnectorEntry["transport"];
  type: ConnectorType;
  max_age_days: number | null;
  pop3: Json | null;
  created_at: Instant;
  version: number;
  smtp: Json | null;
  rules: Json | null;
}

/** What connectors did, a bounded number of lines each. */
export interface ConnectorHistoryTable {
  connector: ConnectorId;
  kind: HistoryEntry["kind"];
  seq: number;
  at: Instant;
  facts: Json;
}

/** People who sign in. */
export interface PeopleTable {
  id: string;
  tenant: TenantId;
  email: string;
  email_folded: string;
  role: Role;
  password_hash: string;
  created_at: Instant;
}

/** Claims, sessions and tokens, by fingerprint: the secrets are nowhere. */
export interface CredentialsTable {
  kind: CredentialEntry["kind"];
  fingerprint: string;
  tenant: TenantId;
  role: Role;
  person: string | null;
  label: string;
  created_at: Instant;
  expires_at: Instant | null;
}
