import type {
  ConnectorId,
  ConnectorType,
  Envelope,
  Hop,
  Instant,
  Mailbox,
  MessageId,
  PackId,
  PartName,
  ReceiptId,
  ReceiptState,
  Sha256,
  TenantId,
  TransportKind,
} from "#core/index.ts";

/** Where bytes lie in a pack: pieces of frames, in order. Written by pack/, opaque to the catalogue. */
export type StoredAt = string & { readonly __brand: "StoredAt" };

/** One pack the archive holds. */
export interface PackEntry {
  pack: PackId;
  blob: string;
  bytes: number;
  sha256: Sha256;
  createdAt: Instant;
}

/** A decoded body that is stored once and that messages of the tenant refer to by name. Travels in the pack's directory too. */
export interface PartEntry {
  name: PartName;
  /** Decoded size in bytes. */
  bytes: number;
  pack: PackId;
  storedAt: StoredAt;
}

/** One part of a message as it is listed. */
export interface PartFacts {
  path: string;
  type: string;
  filename: string | null;
  /** Encoded size in bytes, as it stands in the message. */
  bytes: number;
}

/** What is kept of a message besides its bytes. Everything here travels in the pack's directory too. */
export interface MessageEntry {
  id: MessageId;
  sha256: Sha256;
  bytes: number;
  pack: PackId;
  storedAt: StoredAt;
  archivedAt: Instant;
  subject: string;
  from: Mailbox[];
  to: Mailbox[];
  cc: Mailbox[];
  bcc: Mailbox[];
  /** Message-ID with angle brackets, null when absent. */
  messageId: string | null;
  /** The Date field; null when absent or unreadable. */
  date: Instant | null;
  parts: PartFacts[];
  /** Defect codes of the reader, each once. */
  defects: string[];
}

/** A journal report as evidence: its own bytes around the message it wraps. */
export interface ReportEntry {
  sha256: Sha256;
  bytes: number;
  pack: PackId;
  storedAt: StoredAt;
  dialect: string;
  confidence: number;
  reasons: string[];
}

/** One capture of a message. Everything here travels in the pack's directory too. */
export interface ReceiptEntry {
  receipt: ReceiptId;
  message: MessageId;
  connector: ConnectorId;
  /** As decided by the worker: `archived` means "archived or duplicate", which the catalogue settles at commit. */
  state: Exclude<ReceiptState, "processing" | "duplicate">;
  /** Reason code of quarantine or hold; null otherwise. */
  reason: string | null;
  /** Marks such as `not_journal_report`, each once. */
  flags: string[];
  receivedAt: Instant;
  hop: Hop;
  /** What the report or the connector's envelope rule states; null when the source has no envelope. */
  envelope: Envelope | null;
  report: ReportEntry | null;
  /** Import source: a second receipt with the same key is not added. */
  sourceKey: string | null;
}

/** What somebody decided about a receipt that was quarantined or held. */
export type DecisionAction = "retried" | "accepted" | "discarded";

/** The last decision about a receipt: who, when, what, and why. */
export interface ReceiptDecision {
  /** `dec_` and 26 base32 characters. */
  decision: string;
  action: DecisionAction;
  at: Instant;
  /** Who asked for it, in words. */
  by: string;
  /** The reason they gave; null when none was asked for. */
  note: string | null;
}

/** What a message is read to say; may be stated anew when a reader learned more. */
export type MessageFacts = Pick<
  MessageEntry,
  "subject" | "from" | "to" | "cc" | "bcc" | "messageId" | "date" | "parts" | "defects"
>;

/** A decision as a record: the receipt as it stands from then on. Everything here travels in a pack's directory. */
export interface DecisionEntry extends ReceiptDecision {
  receipt: ReceiptEntry;
  /** The receipt's message, when it was stored already and has been read anew; null leaves it as it is. */
  facts: MessageFacts | null;
}

/** A receipt as it stands in the catalogue. */
export interface ReceiptRow extends Omit<ReceiptEntry, "state"> {
  state: Exclude<ReceiptState, "processing">;
  archivedAt: Instant;
  /** Order of commit in this tenant, from 1. */
  seq: number;
  /** Absent while nobody decided anything. */
  decision?: ReceiptDecision;
}

/** Which of the receipts to decide on are asked for. */
export interface QuarantineAsked {
  reason: string | null;
  connector: ConnectorId | null;
  /** Those that were put out of sight instead of those that wait. */
  discarded: boolean;
  /** Only receipts after this number in order of commit. */
  after: number | null;
  limit: number;
}

/** How many receipts of a connector wait for a decision, by state and reason. */
export interface QuarantineCount {
  connector: ConnectorId;
  state: "quarantined" | "held";
  reason: string;
  count: number;
  oldestAt: Instant;
}

/** A message with every capture of it, oldest first. */
export interface MessageRow extends MessageEntry {
  receipts: ReceiptRow[];
}

/** What one batch of the archive loop adds, in one transaction. */
export interface CatalogueBatch {
  /** The durable pack the entries point into; null when every item was already stored. */
  pack: PackEntry | null;
  /** Bodies that lie in the pack and that its messages, and later ones, refer to. */
  parts: PartEntry[];
  messages: MessageEntry[];
  receipts: ReceiptEntry[];
  /** Decisions about receipts of earlier batches, taken in their order; absent is none. */
  decisions?: DecisionEntry[];
  archivedAt: Instant;
}

/** What became of each receipt of a batch, in the batch's order. */
export interface ReceiptOutcome {
  receipt: ReceiptId;
  message: MessageId;
  /** `known`: the receipt, or one with its source key, was there already and nothing was added. */
  state: Exclude<ReceiptState, "processing"> | "known";
  seq: number;
}

/** A row of the change sequence that search follows. */
export interface CatalogueChange {
  seq: number;
  message: MessageId;
}

/** How many receipts of a connector are in each state, over all time or one UTC day. */
export interface Tally {
  connector: ConnectorId;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  /** When the newest of them was received; null when there is none. */
  lastReceivedAt: Instant | null;
}

/** A configured source of journal mail. */
export interface ConnectorEntry {
  id: ConnectorId;
  tenant: TenantId;
  description: string;
  enabled: boolean;
  /** The address that journal mail is sent to; unique in the installation, compared folded. */
  journalEmailAddress: string;
  transport: Exclude<TransportKind, "import">;
  type: ConnectorType;
  /** Age in days above which a report is held; null is off. */
  maxAgeDays: number | null;
  createdAt: Instant;
  /** Increases with every edit, for If-Match. */
  version: number;
}

/** An organisation whose mail is kept apart. */
export interface TenantEntry {
  id: TenantId;
  name: string;
  createdAt: Instant;
}

/** What a person or a token may do; docs/glossary.md says what each role means. */
export type Role = "operator" | "admin" | "compliance" | "auditor" | "user";

/** Someone who signs in to the console. */
export interface PersonEntry {
  id: string;
  tenant: TenantId;
  email: string;
  role: Role;
  /** Encoded argon2id hash. */
  passwordHash: string;
  createdAt: Instant;
}

/** A secret that lets its bearer in: only a keyed fingerprint of it is kept. */
export interface CredentialEntry {
  kind: "claim" | "session" | "token";
  fingerprint: string;
  tenant: TenantId;
  role: Role;
  /** The person behind a session; null for claims and tokens. */
  person: string | null;
  label: string;
  createdAt: Instant;
  /** Null: until revoked. */
  expiresAt: Instant | null;
}

/** A deed as it is to be entered in a tenant's audit log. */
export interface AuditDraft {
  tenant: TenantId;
  at: Instant;
  kind: "person" | "token" | "local";
  /** E-mail, label of the token, or "local administrator". */
  who: string;
  action: string;
  /** Ids of what it was done to. */
  subjects: string[];
  /** The reason that was given; null when none was. */
  note: string | null;
}

/** An entry of the audit log. */
export interface AuditEntry extends AuditDraft {
  /** Number in the tenant's log, from 1 without gaps. */
  seq: number;
  /** SHA-256 that covers the entry and the hash before it. */
  hash: string;
}
