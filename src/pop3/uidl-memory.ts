import type { ConnectorId, Instant, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type { RecordTable } from "./record-table.ts";

/** What was taken of a message in a mailbox, by which it is known again before it is deleted. */
export interface Capture {
  receipt: ReceiptId;
  /** Under which the archive knows the capture too, should the receipt have been taken twice. */
  sourceKey: string;
  /** Of the message as RETR gave it. */
  sha256: Sha256;
  bytes: number;
  /** Of its header alone, see `HeadDigest`. */
  headSha256: Sha256;
  /** What LIST said at the time. */
  listBytes: number | null;
  takenAt: Instant;
}

/**
 * How far a message of a mailbox has come.
 *
 * - `seen`: listed, not taken yet.
 * - `failed`: could not be taken; left in the mailbox, tried again from `retryAt` on.
 * - `spooled`: durable here. `archived`: in the catalogue; may be deleted.
 * - `delete-pending`: DELE was answered, QUIT not yet: it may be gone or not.
 * - `deleted`: QUIT was answered.
 * - `gone`: no longer listed. Kept a while, so that a mailbox that is rebuilt under new ids is known by its content.
 */
export type UidlState =
  | { kind: "seen" }
  | { kind: "failed"; attempts: number; reason: string; retryAt: Instant }
  | { kind: "spooled" | "archived" | "delete-pending" | "deleted" | "gone"; capture: Capture };

/** One message of a mailbox, as it is remembered. */
export interface UidlRecord {
  /** `u:` and the unique id, or `c:` and the SHA-256 of the content where there is no id to go by. */
  readonly key: string;
  readonly state: Readonly<UidlState>;
  readonly firstSeenAt: Instant;
  readonly changedAt: Instant;
}

/** The records of one mailbox. */
export interface MailboxRecords {
  /** As they are now, for everybody who asks for this mailbox: changes are made in it, and seen at once. */
  readonly table: RecordTable;
  /**
   * Makes what the table says of `keys` durable, or that it has none: all or nothing, and done once it resolves. Other changes
   * may become durable with it, each by itself. Calls are carried out one after the other. May be repeated, and has to be
   * after a failure.
   */
  remember(keys: Iterable<string>): Promise<void>;
}

/**
 * What is remembered of each mailbox: one record a message.
 *
 * To lose it costs work and no mail: messages are fetched again, known by their source key in the catalogue, and deleted only
 * after that. One drain at a time changes a connector's records; others may look at them meanwhile.
 */
export interface UidlMemory {
  mailbox(tenant: TenantId, connector: ConnectorId): Promise<MailboxRecords>;
  /** Lets go of files. Waits for what is being written. */
  close(): Promise<void>;
}
