import type { Instant, MessageId, PackId, PartName, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type {
  AuditDraft,
  AuditEntry,
  CatalogueBatch,
  CatalogueChange,
  ConnectorEntry,
  CredentialEntry,
  MessageRow,
  PackEntry,
  PartEntry,
  PersonEntry,
  QuarantineAsked,
  QuarantineCount,
  ReceiptOutcome,
  ReceiptRow,
  Tally,
  TenantEntry,
} from "./entries.ts";

/**
 * What the archive holds of each tenant. Named commands with plain data in and out, one transaction each.
 *
 * A command that resolved is durable. Throws {@link Failure}: `CATALOGUE-MISSING` (never: no such tenant),
 * `CATALOGUE-BUSY` and `CATALOGUE-FAULT` (later: nothing of the command was done).
 */
export interface ArchiveCatalogue {
  /**
   * Adds a batch. May be repeated after an unknown outcome: receipts that are there already come back as `known`, and
   * messages, parts and packs that are there already are left as they are; a decision counts once.
   */
  commit(tenant: TenantId, batch: CatalogueBatch): Promise<ReceiptOutcome[]>;
  /** Which of these receipt ids, or receipts with these source keys, are in the catalogue. */
  knownReceipts(
    tenant: TenantId,
    asked: { receipts: readonly ReceiptId[]; sourceKeys: readonly string[] },
  ): Promise<{ receipts: ReceiptId[]; sourceKeys: string[] }>;
  /** Which of these message digests are stored already. */
  knownMessages(tenant: TenantId, digests: readonly Sha256[]): Promise<Sha256[]>;
  /** Messages by id, in the order asked, absent ones left out. */
  messages(tenant: TenantId, ids: readonly MessageId[]): Promise<MessageRow[]>;
  /** Messages in id order after `after`, for walks over everything. */
  messagesAfter(tenant: TenantId, after: MessageId | null, limit: number): Promise<MessageRow[]>;
  /** Ids of the messages whose own bytes or whose reports' bytes lie in this pack, in id order. */
  messagesInPack(tenant: TenantId, pack: PackId): Promise<MessageId[]>;
  /** Parts by name, each once, in no order; absent ones left out. */
  parts(tenant: TenantId, names: readonly PartName[]): Promise<PartEntry[]>;
  /** Parts whose bytes lie in this pack, in name order. Looks through all parts: meant for damage, not for reading. */
  partsInPack(tenant: TenantId, pack: PackId): Promise<PartEntry[]>;
  /** Packs in id order. */
  packs(tenant: TenantId): Promise<PackEntry[]>;
  /** Packs in id order after `after`, for walks over archives of any size. */
  packsAfter(tenant: TenantId, after: PackId | null, limit: number): Promise<PackEntry[]>;
  /** How many packs there are after `after`, and their bytes. */
  packTotals(tenant: TenantId, after: PackId | null): Promise<{ packs: number; bytes: number }>;
  /** The change sequence after `after`, in order, without gaps, at most `limit` rows. */
  changes(tenant: TenantId, after: number, limit: number): Promise<CatalogueChange[]>;
  /** The last number of the change sequence; 0 when empty. */
  lastChange(tenant: TenantId): Promise<number>;
  /** Receipts by id, each once, in no order; absent ones left out. */
  receipts(tenant: TenantId, ids: readonly ReceiptId[]): Promise<ReceiptRow[]>;
  /** Receipts that wait for a decision, in order of commit. */
  quarantine(tenant: TenantId, asked: QuarantineAsked): Promise<ReceiptRow[]>;
  /** How many wait for a decision, by connector, state and reason. */
  quarantineCounts(tenant: TenantId): Promise<QuarantineCount[]>;
  /** Number of messages, and tallies of receipts by connector. */
  tallies(tenant: TenantId): Promise<{ messages: number; connectors: Tally[] }>;
}

/**
 * What the installation knows besides mail: tenants, connectors, people, credentials.
 *
 * Throws as {@link ArchiveCatalogue}, and `CATALOGUE-CONFLICT` (never) when a unique name or address is taken, or a
 * version is not the expected one.
 */
export interface InstallationCatalogue {
  tenants(): Promise<TenantEntry[]>;
  /** May be repeated: an existing tenant stays as it is. */
  addTenant(tenant: TenantEntry): Promise<void>;
  /** All connectors of one tenant, by description; or of every tenant, for the transports. */
  connectors(tenant: TenantId | "every"): Promise<ConnectorEntry[]>;
  addConnector(connector: ConnectorEntry): Promise<void>;
  /** Replaces the entry when its stored version is `connector.version - 1`. */
  editConnector(connector: ConnectorEntry): Promise<void>;
  /** Adds an entry to the tenant's audit log, linked to the one before; nothing changes or removes it. */
  addAudit(draft: AuditDraft): Promise<AuditEntry>;
  /** Entries of the audit log before this number, newest first. */
  audit(tenant: TenantId, page: { before: number | null; limit: number }): Promise<AuditEntry[]>;
  people(tenant: TenantId): Promise<PersonEntry[]>;
  personByEmail(email: string): Promise<PersonEntry | undefined>;
  /** `CATALOGUE-CONFLICT` when the e-mail (folded) is taken. */
  addPerson(person: PersonEntry): Promise<void>;
  addCredential(credential: CredentialEntry): Promise<void>;
  /** The credential, also when it has expired; undefined when unknown or revoked. */
  credential(kind: CredentialEntry["kind"], fingerprint: string): Promise<CredentialEntry | undefined>;
  /** Takes the credential away and returns it; undefined when it is gone. Of two callers at once only one gets it. */
  takeCredential(kind: CredentialEntry["kind"], fingerprint: string): Promise<CredentialEntry | undefined>;
  /** Removes credentials of a kind that expired before `now`. */
  sweepCredentials(now: Instant): Promise<void>;
}

/** The record of what the archive holds, where, and under which rules. */
export interface Catalogue extends ArchiveCatalogue, InstallationCatalogue {
  /** Makes the tenant's part empty, as if nothing had ever been committed; connectors and people stay. */
  clearArchive(tenant: TenantId): Promise<void>;
  /**
   * Writes a catalogue of the same kind into `directory`, durably: what was committed when it began, each tenant's part of
   * one moment, while commands go on. Files of the same names there are replaced. `unsupported` by an implementation that
   * has no files; nothing was done then.
   *
   * @throws `CATALOGUE-FAULT`, `CATALOGUE-BUSY`; the directory is then of no use
   */
  snapshot(directory: string): Promise<"written" | "unsupported">;
  close(): Promise<void>;
}
