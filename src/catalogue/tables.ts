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
import type { Undecided } from "./decisions.ts";
import type { AuditEntry, ConnectorEntry, CredentialEntry, ReceiptRow, Role, StoredAt } from "./entries.ts";

/** A value of our own types as JSON text; read and written only by rows.ts. */
export type Json = string;

/** One row: which migration the file has reached. */
export interface SchemaTables {
  schema_version: { version: number };
}

/** The tables of one tenant. Lists and structures that are never asked for by their parts are JSON text. */
export interface TenantTables extends SchemaTables {
  packs: PacksTable;
  parts: PartsTable;
  messages: MessagesTable;
  receipts: ReceiptsTable;
  /** Decisions that were taken in, so that each counts once; `entry` is the record. */
  decisions: { decision: string; receipt: ReceiptId; at: Instant; entry: Json };
  recipients: RecipientsTable;
  changes: { seq: number; message: MessageId };
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
  /** The last decision about it. */
  decision: Json | null;
  /** Whether it waits for a decision, to be listed by. */
  undecided: Undecided;
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
  tenants: { id: TenantId; name: string; created_at: Instant };
  connectors: ConnectorsTable;
  people: PeopleTable;
  credentials: CredentialsTable;
  audit: Omit<AuditEntry, "subjects"> & { subjects: Json };
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
  created_at: Instant;
  version: number;
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
