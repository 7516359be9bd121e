import type { MessageRow, ReceiptRow, SmimeTotals, Tally } from "#catalogue/index.ts";
import type { ConnectorId, Instant, MessageId, Origin, ReceiptId, TenantId } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { QueryProblem } from "#query/index.ts";
import type { EntityBytes, OpenedMail, PartBytes } from "./archived-reader.ts";
import type { ClockDoubt } from "./clock-watch.ts";
import type { Decisions } from "./decisions.ts";
import type { Description } from "./describe.ts";
import type { OwnDomains } from "./own-domains.ts";
import type { Progress } from "./progress.ts";
import type { WaitingKeys } from "./smime-opening.ts";

/** A page of search results, with how far the index has come. */
export interface SearchPage {
  kind: "page";
  total: number;
  items: MessageRow[];
  next: string | null;
  /** How the query was understood, with parentheses and zones. */
  readAs: string;
  /** Searchable messages, archived messages, and when this was so. */
  coverage: { searchable: number; archived: number; asOf: Instant };
}

/** A message read for display. */
export interface MessageView extends OpenedMail {
  row: MessageRow;
  /** True when the bytes just read have the digest the catalogue states. */
  verified: boolean;
}

/** The equation: received = archived + duplicate + quarantined + held + processing. */
export interface ArchiveStatus {
  received: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
  messages: number;
  searchable: number;
  /** Numbers of the last change of the archive that the search index covers, and of the last there is. */
  index: { coveredTo: number; lastChange: number };
  connectors: (Tally & { processing: number; oldestAgeSeconds: number })[];
  /** What the scrub or a verification found damaged and none of them found whole again since. */
  damage: Damage[];
  /** When the scrub last came to the end of all packs; null before the first time. */
  scrubbedAt: Instant | null;
  /** How far the opening of mail is that waited for keys; null when none is under way. */
  opening: Progress | null;
  asOf: Instant;
}

/** One damaged thing, with every message it touches. */
export interface Damage {
  id: MessageId | null;
  pack: string;
  /** A part of the pack such as `header` or `frame`; `missing` and `unreadable` for the whole, `digest` for the message. */
  place: string;
  detail: string;
}

/** What a verification is to read. */
export interface VerifyScope {
  /** Share of the bytes, above 0 and at most 1, drawn by lot in whole packs; null reads all. */
  sample: number | null;
  /** Only packs made at or after this time; null reads packs of any age. */
  since: Instant | null;
}

/** What a verification read, and everything it found damaged. */
export interface VerifyResult {
  /** Nothing is damaged, as far as it was read. */
  ok: boolean;
  /** Messages whose bytes were read and compared. */
  checked: number;
  /** Packs and bytes that were read. */
  packs: number;
  bytes: number;
  /** Packs and bytes that there are. */
  of: { packs: number; bytes: number };
  damaged: Damage[];
  /** Packs in the store that the catalogue does not know; the next start takes them in. */
  unknown: { pack: string; bytes: number }[];
}

/** What became of one item offered by an import. `known`: the same source was imported before. */
export type ImportOutcome = { state: "accepted"; receipt: ReceiptId } | { state: "known" };

/** Counts of one import run, by what became of its receipts so far. */
export interface ImportRun {
  accepted: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
}

/** Counts of the items of one import run that came from one source. */
export interface ImportSource extends ImportRun {
  source: string;
}

/** What the API may ask of the archive. Every call takes its tenant first. */
export interface ArchiveUseCases {
  search(
    tenant: TenantId,
    query: string,
    page: { limit: number; after: string | null; zone: string },
  ): Promise<SearchPage | { kind: "problem"; problem: QueryProblem }>;
  message(tenant: TenantId, id: MessageId): Promise<MessageRow | undefined>;
  /** The message's exact bytes, each frame checked on the way; throws `PACK-DAMAGED` where a byte does not hold. */
  original(tenant: TenantId, row: MessageRow): Promise<Bytes>;
  /** The report as received; undefined when the receipt has none. */
  report(tenant: TenantId, receipt: ReceiptRow): Promise<Bytes | undefined>;
  /** Reads the message for display; undefined when unknown. */
  view(tenant: TenantId, id: MessageId): Promise<MessageView | undefined>;
  /** Everything understood of the message; throws `PACK-DAMAGED` where its bytes do not hold; undefined when unknown. */
  describe(tenant: TenantId, id: MessageId): Promise<{ row: MessageRow; description: Description } | undefined>;
  /** One entity that was opened in a message, with its bytes; throws `SMIME-NO-ENTITY`. */
  entity(tenant: TenantId, row: MessageRow, path: string): Promise<EntityBytes>;
  /** What opens in a message, without reading one that has no S/MIME; null for that. Throws `PACK-DAMAGED`. */
  opened(tenant: TenantId, row: MessageRow): Promise<Pick<OpenedMail, "smime" | "entities"> | null>;
  /** One part or file with its bytes, see {@link ArchivedReader.part}; throws `PART-UNKNOWN`. */
  part(tenant: TenantId, row: MessageRow, path: string): Promise<PartBytes>;
  /** What S/MIME made of this tenant's mail, in numbers. */
  smimeTotals(tenant: TenantId): Promise<SmimeTotals>;
  /**
   * Opens what waits for these keys, in the background of intake, see {@link Opening}. Resolves with the number of messages
   * read again when the index has them. May be repeated.
   */
  openWaiting(tenant: TenantId, keys: WaitingKeys, report: (progress: Progress) => void): Promise<{ messages: number }>;
  status(tenant: TenantId): Promise<ArchiveStatus>;
  /** Reads what is in the scope again and compares; packs outside it are only looked for. */
  verify(tenant: TenantId, scope: VerifyScope, report: (progress: Progress) => void): Promise<VerifyResult>;
  rebuildSearch(tenant: TenantId, report: (progress: Progress) => void): Promise<{ messages: number }>;
  /** The tenant's own domains, and setting them, see {@link OwnDomains}. */
  ownDomains: OwnDomains["of"];
  setOwnDomains: OwnDomains["set"];
  /** What is quarantined or held, see {@link Decisions}. */
  undecided: Decisions["undecided"];
  decide: Decisions["decide"];
  beginImport(tenant: TenantId): string;
  /**
   * Takes one message of an import. Resolves when it is durable on the spool, or known already.
   *
   * @param sourceKey names the place it was read from, so that a repeated import adds nothing
   */
  offerImport(
    tenant: TenantId,
    run: string,
    item: { body: Bytes; sourceKey: string; label: string; type: "standard" | "eej"; origin: Origin | null },
  ): Promise<ImportOutcome>;
  /** Undefined when the run is unknown (the server restarted): the import can be repeated. */
  importRun(tenant: TenantId, run: string): ImportRun | undefined;
  /** The same by the source that each item names, in the order in which they were first met. */
  importSources(tenant: TenantId, run: string): ImportSource[] | undefined;
  /** Resolves when something that the console shows may have changed, or `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
  /** Live numbers for connectors: queue, age, last arrival. */
  flow(
    tenant: TenantId,
    connector: ConnectorId,
  ): { processing: number; oldestAgeSeconds: number; lastReceivedAt: Instant | null };
  /**
   * Why our own clock is in doubt, so that the age rule is suspended; null when it is not.
   *
   * @param newest when the newest mail known was received, null when there is none
   */
  clockDoubt(newest: Instant | null): ClockDoubt | null;
}
