import type { ConnectorEntry, EnvelopeRules, SmtpSettings } from "#catalogue/index.ts";
import type { MailboxState } from "#collector/index.ts";
import type { ConnectorId, ConnectorType, Instant, TenantId } from "#core/index.ts";
import type { Pop3Changes } from "./mailbox-settings.ts";
import type { AgeRuleView, FidelityView, SourceClock } from "./source-evidence.ts";

/** The words of the Service Status column; docs/glossary.md says when each is entered. */
export type ServiceStatus =
  | "running"
  | "running_retrying"
  | "running_delayed"
  | "running_quiet"
  | "running_quarantine"
  | "awaiting_initial_run"
  | "error"
  | "unknown"
  | "disabled";

/** A connector as the console shows it: what is configured, and how it does now. */
export interface ConnectorView extends ConnectorEntry {
  /** Where the source delivers to: our listener; or the server with the mailbox. As `host:port`. */
  hostname: string;
  /** How its mailbox is doing; null for a connector without one, and until it is known. */
  mailbox: MailboxState | null;
  /** Items that are durable here and not yet archived. */
  processingQueue: number;
  oldestAgeSeconds: number;
  status: ServiceStatus;
  /** The status in plain words. */
  statusReason: string;
  /** When mail was last taken; null when there never was any. */
  lastSuccessAt: Instant | null;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  /** The sum of the four and the processing queue. */
  received: number;
  /** How much of the envelope its source really tells. */
  fidelity: FidelityView;
  /** Systems that brought mail lately and whose clocks are wrong. */
  sourceClocks: SourceClock[];
  /** Whether mail is held for its age just now. */
  ageRule: AgeRuleView;
  /** Journal reports that came back undelivered and were journaled again, and when the newest was received. */
  looped: number;
  lastLoopedAt: Instant | null;
}

/** What may be said of who may send; the login is made with {@link Connectors.makeLogin}. What is absent stays. */
export type SmtpChanges = Partial<Omit<SmtpSettings, "login">>;

/** What is said of a new connector. */
export interface NewConnector {
  description: string;
  journalEmailAddress: string;
  type: ConnectorType;
  /** Null turns the age rule off. */
  maxAgeDays: number | null;
  /** With `pop3` settings it has a mailbox; without, mail is pushed to it. */
  pop3?: Pop3Changes | undefined;
  smtp?: SmtpChanges | undefined;
  rules?: Partial<EnvelopeRules> | undefined;
}

/** What may be changed of a connector; what is absent stays. */
export interface ConnectorChanges {
  description?: string;
  enabled?: boolean;
  journalEmailAddress?: string;
  type?: ConnectorType;
  maxAgeDays?: number | null;
  pop3?: Pop3Changes;
  smtp?: SmtpChanges;
  rules?: Partial<EnvelopeRules>;
}

/**
 * The connectors of each tenant.
 *
 * Throws {@link Failure}: `CON-UNKNOWN`, `CON-ADDRESS`, `CON-DESCRIPTION`, `CON-AGE`, `CON-STALE`, `CON-CONFLICT` (a
 * {@link ConnectorConflict}), `CON-SOURCES`, `CON-ENVELOPE`, `CON-MAILBOX`, `ADDRESS-RANGE`, and what the catalogue throws.
 */
export interface Connectors {
  /** By description. */
  list(tenant: TenantId): Promise<ConnectorView[]>;
  /** Descriptions by id. */
  names(tenant: TenantId): Promise<ReadonlyMap<ConnectorId, string>>;
  /** @throws `CON-UNKNOWN`, also for another tenant's connector */
  get(tenant: TenantId, id: ConnectorId): Promise<ConnectorView>;
  /** Adds an enabled connector. */
  add(tenant: TenantId, connector: NewConnector): Promise<ConnectorView>;
  /** @param version the version that was read; `CON-STALE` when the stored one differs */
  edit(tenant: TenantId, id: ConnectorId, version: number, changes: ConnectorChanges): Promise<ConnectorView>;
  /**
   * Permits one more address or range. Repeating it changes nothing.
   *
   * @throws `CON-OPEN` when the connector takes mail from anywhere: one range would shut everyone else out
   */
  allow(tenant: TenantId, id: ConnectorId, range: string): Promise<ConnectorView>;
  /** Makes a login, instead of the one there was, that senders must use from now on. The password is shown this once. */
  makeLogin(tenant: TenantId, id: ConnectorId): Promise<{ user: string; password: string }>;
  /** Asks for no login any more. */
  dropLogin(tenant: TenantId, id: ConnectorId): Promise<ConnectorView>;
  /**
   * Calls `listener` after each successful `add` and `edit`, and waits for it: what it rejects with, the caller of `add`
   * or `edit` gets. Returns a function that takes the listener away.
   */
  onChange(listener: () => Promise<void> | void): () => void;
}
