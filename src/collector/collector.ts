import type { Catalogue, ConnectorEntry, Pop3Settings } from "#catalogue/index.ts";
import type { Clock, ConnectorId, Destination, Entropy, Log, TenantId } from "#core/index.ts";
import type { MailboxTestParts, StepReport, TestReport } from "#extraction/index.ts";
import type { networkDial, Pop3Server, UidlMemory } from "#pop3/index.ts";
import type { Intake } from "#spool/index.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type { RunFacts } from "./run-facts.ts";

/** A connector with a mailbox. */
export type MailboxConnector = ConnectorEntry & { pop3: Pop3Settings };

/** What the collector works with. */
export interface CollectorParts {
  catalogue: Pick<Catalogue, "connectors" | "putHistory" | "history" | "receiptStates" | "knownReceipts">;
  intake: Pick<Intake, "state" | "open">;
  memory: UidlMemory;
  dial: ReturnType<typeof networkDial>;
  /** Which addresses connectors may name. */
  addresses: Pop3Server["addresses"];
  /** Resolves when something may have been archived. */
  archived(signal: AbortSignal): Promise<void>;
  /** Tells those who watch that a mailbox's state changed. */
  changed(): void;
  destinationOf(connector: ConnectorEntry): Destination;
  /** Opens the connector's password, or the secrets of its login by token as JSON, to log in and for nothing else. */
  secretOf(connector: MailboxConnector): Promise<string>;
  /** Seals a refresh token for keeping, and opens one. */
  sealToken(connector: MailboxConnector, token: string): Promise<string>;
  openToken(connector: MailboxConnector, sealed: string): Promise<string>;
  /** Where a test may try to write. */
  scratch: MailboxTestParts["scratch"];
  clock: Clock;
  entropy: Entropy;
  log: Log;
}

/** What works on one mailbox works with this. */
export interface CollectorTools extends CollectorParts {
  tokens: AccessTokens;
}

/**
 * Empties the mailboxes of all enabled POP3 connectors, each at its own pace.
 *
 * One mailbox is never worked on twice at a time, whichever connectors name it. Throws {@link Failure}: `CON-UNKNOWN` (never:
 * no such connector, or not one with a mailbox), `CON-DISABLED` (never).
 */
export interface Collector {
  /** Takes up what connectors there are now. A mailbox whose settings changed is looked at at once. */
  refresh(): Promise<void>;
  /** How a connector's mailbox is doing; null for one that has none, or is not known yet. */
  state(connector: ConnectorId): MailboxState | null;
  /** One drain now, beside the schedule; waits until what it took is archived. */
  run(tenant: TenantId, connector: ConnectorId): Promise<RunFacts>;
  /** The newest runs first. */
  runs(tenant: TenantId, connector: ConnectorId, limit: number): Promise<RunFacts[]>;
  /**
   * Test Journal Extraction, now: a drain under way makes room and goes on afterwards. Also for a connector that is disabled.
   *
   * @param told hears every step as it ends
   */
  test(
    tenant: TenantId,
    connector: ConnectorId,
    told: (step: StepReport) => void,
    signal: AbortSignal,
  ): Promise<TestReport>;
  /** Earlier tests, the newest first. */
  tests(tenant: TenantId, connector: ConnectorId): Promise<TestReport[]>;
  /** Ends what is under way in order and starts no more. */
  stop(): Promise<void>;
}
