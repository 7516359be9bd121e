import type { ConnectorId, Instant, MessageId, PackId, PartName, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type {
  AuditDraft,
  AuditEntry,
  AuditPage,
  CatalogueBatch,
  CatalogueChange,
  CatalogueMerge,
  ConnectorEntry,
  CredentialEntry,
  HistoryEntry,
  MessageRow,
  OwnDomainsEntry,
  PackEntry,
  PartEntry,
  PersonEntry,
  ReceiptEvidence,
  ReceiptOutcome,
  ReceiptRow,
  SmimeEntry,
  SmimeTotals,
  SupersededPack,
  Tally,
  TenantEntry,
  UndecidedReason,
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
   * messages, parts and packs that are there already are left as they are.
   */
  commit(tenant: TenantId, batch: CatalogueBatch): Promise<ReceiptOutcome[]>;
  /**
   * Puts a pack into the place of others. What lies in them is said to lie in it; what of its batches is not there is added,
   * batch by batch, as `commit` does; they are superseded from then on. No change is added for what only moved. May be
   * repeated.
   *
   * @returns how many receipts were added
   * @throws `CATALOGUE-FAULT` also when an entry lies in one of the packs and not in the new one; nothing was done then
   */
  merge(tenant: TenantId, merge: CatalogueMerge): Promise<{ receipts: number }>;
  /** Superseded packs, in the order in which their blobs may go: those superseded first, and of one merge the last first. */
  superseded(tenant: TenantId): Promise<SupersededPack[]>;
  /** Forgets a superseded pack, whose blob is gone. One that is not known is fine. */
  forgetSuperseded(tenant: TenantId, pack: PackId): Promise<void>;
  /** Which of these receipt ids, or receipts with these source keys, are in the catalogue. */
  knownReceipts(
    tenant: TenantId,
    asked: { receipts: readonly ReceiptId[]; sourceKeys: readonly string[] },
  ): Promise<{ receipts: ReceiptId[]; sourceKeys: string[] }>;
  /** The states of those of these receipts that are in the catalogue, in no order. */
  receiptStates(
    tenant: TenantId,
    receipts: readonly ReceiptId[],
  ): Promise<{ receipt: ReceiptId; state: ReceiptRow["state"] }[]>;
  /**
   * Which of these message digests are stored already. Those that were left unread are not among them: whoever can read them
   * now enters them anew.
   */
  knownMessages(tenant: TenantId, digests: readonly Sha256[]): Promise<Sha256[]>;
  /** Messages by id, in the order asked, absent ones left out. */
  messages(tenant: TenantId, ids: readonly MessageId[]): Promise<MessageRow[]>;
  /** Messages in id order after `after`, for walks over everything. */
  messagesAfter(tenant: TenantId, after: MessageId | null, limit: number): Promise<MessageRow[]>;
  /** Ids of the messages whose own bytes or whose reports' bytes lie in this pack, in id order. */
  messagesInPack(tenant: TenantId, pack: PackId): Promise<MessageId[]>;
  /** How many messages and reports have their bytes in each of these packs, in the order asked; 0 for an absent one. */
  messageCounts(tenant: TenantId, packs: readonly PackId[]): Promise<number[]>;
  /** Parts by name, each once, in no order; absent ones left out. */
  parts(tenant: TenantId, names: readonly PartName[]): Promise<PartEntry[]>;
  /** Parts whose bytes lie in this pack, in name order. Looks through all parts: meant for damage, not for reading. */
  partsInPack(tenant: TenantId, pack: PackId): Promise<PartEntry[]>;
  /** Packs in id order; superseded ones are not among them, here and below. */
  packs(tenant: TenantId): Promise<PackEntry[]>;
  /** Packs in id order after `after`, for walks over archives of any size. */
  packsAfter(tenant: TenantId, after: PackId | null, limit: number): Promise<PackEntry[]>;
  /** How many packs there are after `after`, and their bytes. */
  packTotals(tenant: TenantId, after: PackId | null): Promise<{ packs: number; bytes: number }>;
  /** The change sequence after `after`, in order, without gaps, at most `limit` rows. */
  changes(tenant: TenantId, after: number, limit: number): Promise<CatalogueChange[]>;
  /** The last number of the change sequence; 0 when empty. */
  lastChange(tenant: TenantId): Promise<number>;
  /** Receipts by id, also superseded ones, in no order; absent ones left out. */
  receipts(tenant: TenantId, ids: readonly ReceiptId[]): Promise<ReceiptRow[]>;
  /** Receipts that are quarantined or held and wait for a decision, for this reason or any, in the order of commit after `after`. */
  undecided(tenant: TenantId, after: number, limit: number, reason?: string | null): Promise<ReceiptRow[]>;
  /** The same counted by reason, those with most receipts first. */
  undecidedReasons(tenant: TenantId): Promise<UndecidedReason[]>;
  /** What the newest receipts of a connector tell of its source, the newest first; superseded ones are left out. */
  evidence(tenant: TenantId, connector: ConnectorId, limit: number): Promise<ReceiptEvidence[]>;
  /** Keeps what S/MIME made of messages of the catalogue, in the place of what was kept before. May be repeated. */
  noteSmime(tenant: TenantId, entries: readonly SmimeEntry[]): Promise<void>;
  /** What S/MIME made of these messages, in no order; messages without any are left out. */
  smime(tenant: TenantId, ids: readonly MessageId[]): Promise<SmimeEntry[]>;
  /** Messages after `after`, in id order, that wait for a key of this recipient. */
  smimeWaitingFor(tenant: TenantId, recipient: string, after: MessageId | null, limit: number): Promise<MessageId[]>;
  /** Those of the recipients that mail waits for, each once in no order, with how many messages. */
  smimeWaitingCounts(tenant: TenantId, recipients: readonly string[]): Promise<SmimeTotals["waiting"]>;
  /** Numbers of messages with S/MIME, with at most `recipientsMax` recipients. */
  smimeTotals(tenant: TenantId, recipientsMax: number): Promise<SmimeTotals>;
  /**
   * Puts messages at the end of the change sequence once more, so that whoever follows it reads them again. Unknown ids are
   * passed over. Returns the last number of the sequence.
   */
  readAgain(tenant: TenantId, ids: readonly MessageId[]): Promise<number>;
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
  /** The tenant's own domains; none, and judged, where none were ever put. */
  ownDomains(tenant: TenantId): Promise<OwnDomainsEntry>;
  putOwnDomains(tenant: TenantId, entry: OwnDomainsEntry): Promise<void>;
  /** All connectors of one tenant, by description; or of every tenant, for the transports. */
  connectors(tenant: TenantId | "every"): Promise<ConnectorEntry[]>;
  addConnector(connector: ConnectorEntry): Promise<void>;
  /** Replaces the entry when its stored version is `connector.version - 1`. */
  editConnector(connector: ConnectorEntry): Promise<void>;
  /** Puts an entry in place of the one with its connector, kind and number, and forgets those more than `keep` behind it. */
  putHistory(entry: HistoryEntry, keep: number): Promise<void>;
  /** The newest entries of a connector, the newest first, at most `limit`. */
  history(connector: ConnectorId, kind: HistoryEntry["kind"], limit: number): Promise<HistoryEntry[]>;
  /** Adds entries to tenants' audit logs, all or none, each linked to the one before it; nothing changes or removes them. */
  addAudit(drafts: readonly AuditDraft[]): Promise<AuditEntry[]>;
  /** Entries of the tenant's audit log, newest first. */
  audit(tenant: TenantId, page: AuditPage): Promise<AuditEntry[]>;
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

/** What a tenant calls its own, for whoever needs no more of the installation. */
export type OwnDomainsCatalogue = Pick<InstallationCatalogue, "ownDomains" | "putOwnDomains">;

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
