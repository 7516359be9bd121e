import type {
  ConnectorId,
  ConnectorType,
  Decision,
  Envelope,
  Hop,
  Instant,
  Mailbox,
  MessageId,
  PackId,
  PartName,
  ReceiptId,
  ReceiptState,
  RecipientSource,
  Sha256,
  TenantId,
  TransportKind,
} from "#core/index.ts";
import type { SmimeReading } from "#smime/index.ts";

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
  /** Defect codes of the reader, each once; `unread` for a message that was stored without being read. */
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
  /** The decision it comes from; it takes the place of that decision's receipt. */
  decision?: Decision;
}

/** A receipt as it stands in the catalogue. */
export interface ReceiptRow extends Omit<ReceiptEntry, "state"> {
  state: Exclude<ReceiptState, "processing">;
  archivedAt: Instant;
  /** Order of commit in this tenant, from 1. */
  seq: number;
  /** The receipt that took its place by a decision: it counts no more, and stays as evidence. */
  supersededBy?: ReceiptId;
}

/** What one receipt tells of the source that brought it. */
export interface ReceiptEvidence {
  state: ReceiptRow["state"];
  flags: string[];
  receivedAt: Instant;
  /** As the hop says: address and port of who delivered it, and the name it called itself. */
  peer: string | null;
  helo: string | null;
  /** Who named the first recipient of its envelope; `nobody` when it names none, null when it has no envelope. */
  envelope: RecipientSource | "nobody" | null;
}

/** How many receipts wait for a decision, for one reason. */
export interface UndecidedReason {
  state: "quarantined" | "held";
  reason: string;
  receipts: number;
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
  archivedAt: Instant;
}

/** What stands in a pack that was made of others, in one transaction. */
export interface CatalogueMerge {
  /** The durable pack that the entries point into. */
  pack: PackEntry;
  /** Every pack whose content it holds, also those that were merged before and are gone. */
  replaces: PackId[];
  /** The batches of those packs in the order in which they were committed, their entries pointing into the new pack. */
  batches: Omit<CatalogueBatch, "pack">[];
}

/** A pack in which nothing lies any more, because another one holds all of it. Its blob is still in the store. */
export interface SupersededPack extends PackEntry {
  by: PackId;
  /** When the pack that took its place was made. */
  since: Instant;
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

/** A derived entity of a message as it is listed: what lay in an encrypted, signed or compressed part. */
export interface DerivedFacts {
  /** Parts it lay in, outermost first, see `DerivedEntity` of smime/. */
  path: string;
  sha256: Sha256;
  bytes: number;
  isDecrypted: boolean;
  isAuthenticated: boolean;
}

/** What S/MIME made of a message. Derived from its bytes and the escrowed keys, and not part of any pack. */
export interface SmimeEntry extends Omit<SmimeReading, "entities" | "unopened"> {
  message: MessageId;
  derived: DerivedFacts[];
  /** The recipients whose keys would open it, as `recipientKey` of smime/ writes them. */
  waitsFor: string[];
  /** When this was decided. */
  decidedAt: Instant;
}

/** Numbers of messages with S/MIME. */
export interface SmimeTotals {
  /** By state, each state that occurs. */
  states: { state: SmimeEntry["state"]; messages: number }[];
  /** By the key that opened them. */
  opened: { key: string; messages: number }[];
  /** By the recipient whose key they wait for, most first; one message may wait for several. */
  waiting: { recipient: string; messages: number }[];
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

/** An application that is known to a token endpoint (RFC 6749). Its secrets are sealed elsewhere. */
export interface OAuthSettings {
  /** `client-credentials`: the application for itself; `refresh-token`: somebody consented, once. */
  grant: "client-credentials" | "refresh-token";
  /** An `https` URL. */
  tokenEndpoint: string;
  clientId: string;
  /** Empty where the endpoint decides. */
  scope: string;
}

/** What is sealed of such an application, as JSON. */
export interface OAuthSecrets {
  /** Empty for an application that has none. */
  clientSecret: string;
  /** Empty for `client-credentials`. */
  refreshToken: string;
}

/** How a mailbox is reached and emptied. The secret is sealed by the key ring and opened only to log in. */
export interface Pop3Settings {
  host: string;
  port: number;
  tls: "none" | "starttls" | "implicit";
  /** Whom to trust: name and chain, nobody in particular, or one certificate by its SHA-256 in hexadecimal. */
  verify: { kind: "strict" } | { kind: "relaxed" } | { kind: "pinned"; sha256: string };
  user: string;
  /** By which access tokens are had to log in with; absent where a password is sent. */
  oauth?: OAuthSettings;
  /**
   * Base64 of what `KeyRing.sealSecret` made under the context `pop3` and the connector's id: of the password, or with `oauth` of
   * its secrets as JSON.
   */
  sealedPassword: string;
  /** Time between two drains of an idle mailbox. */
  intervalSeconds: number;
  /** What becomes of a message on the server once it is archived. */
  retention: { kind: "delete" } | { kind: "keep-days"; days: number } | { kind: "keep" };
}

/** One line of what a connector did, newest the highest. What it says is the writer's, as JSON text. */
export interface HistoryEntry {
  connector: ConnectorId;
  /**
   * `run`: a drain of its mailbox. `test`: a Test Journal Extraction. `token`: the token endpoint gave another refresh token, which
   * is kept sealed.
   */
  kind: "run" | "test" | "token";
  /** From 1, given by the writer. */
  seq: number;
  at: Instant;
  facts: string;
}

/** Who may send to an SMTP connector. What is set must hold, all of it; what is not set is not asked. */
export interface SmtpSettings {
  /** Addresses and CIDR ranges that mail may come from. With no range and no preset it may come from anywhere. */
  permitted: string[];
  /** Ids of providers whose published ranges are permitted too. */
  presets: string[];
  /** Whether mail must come under TLS. */
  requireTls: boolean;
  /** Keyed fingerprint of the password; the user is the journal address. Null asks for no login. */
  login: string | null;
  /** SHA-256 of the certificate the sender must show, 64 hexadecimal digits; null asks for none. */
  certificate: string | null;
}

/** What a connector believes of the envelope of plain copies. */
export interface EnvelopeRules {
  /** Header fields that name recipients, such as `Delivered-To`. */
  envelopeHeaders: string[];
  /** Whether `name+person=domain@…` in RCPT TO names a recipient. */
  subAddress: boolean;
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
  /** Absent: anyone may send. */
  smtp?: SmtpSettings;
  /** Absent: nothing is believed. */
  rules?: EnvelopeRules;
  /** Of a POP3 connector, and of no other. */
  pop3?: Pop3Settings;
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

/** The domains that are a tenant's own. */
export interface OwnDomainsEntry {
  /** Folded, in the order of the alphabet; `*.` before one stands for every domain under it. */
  domains: string[];
  /** Whether all mail has been judged by them. */
  isJudged: boolean;
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
  /** `unknown`: somebody who was not let in. */
  kind: "person" | "token" | "local" | "unknown";
  /** E-mail, label of the token, or "local administrator". */
  who: string;
  action: string;
  /** Ids of what it was done to. */
  subjects: string[];
  /** The reason that was given, or what was changed; null when there is nothing to say. */
  note: string | null;
}

/** An entry of the audit log. */
export interface AuditEntry extends AuditDraft {
  /** Number in the tenant's log, from 1 without gaps. */
  seq: number;
  /** SHA-256 that covers the entry and the hash before it. */
  hash: string;
}

/** Which entries of an audit log are asked for: all for which everything that is stated holds. */
export interface AuditPage {
  /** Only entries with smaller numbers. */
  before: number | null;
  limit: number;
  who?: string | undefined;
  action?: string | undefined;
  /** One of the ids that it was done to. */
  subject?: string | undefined;
  /** From this moment, and before that one. */
  since?: Instant | undefined;
  until?: Instant | undefined;
}
