import type { ConnectorId, Instant, ReceiptId, Sha256, TenantId } from "#core/index.ts";

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

/** One message of a mailbox, as it is remembered. Never changed, so that a hundred thousand of them are held once. */
export interface UidlRecord {
  /** `u:` and the unique id, or `c:` and the SHA-256 of the content where there is no id to go by. */
  readonly key: string;
  readonly state: Readonly<UidlState>;
  readonly firstSeenAt: Instant;
  readonly changedAt: Instant;
}

/**
 * What is remembered of each mailbox: one record a message.
 *
 * To lose it costs work and no mail: messages are fetched again, known by their source key in the catalogue, and deleted only
 * after that. One drain at a time uses a connector's records.
 */
export interface UidlMemory {
  /** Every record of this connector. The caller may keep and change the map, not the records in it. */
  records(tenant: TenantId, connector: ConnectorId): Promise<Map<string, UidlRecord>>;
  /**
   * Puts `records` in place of those with the same keys and forgets the keys in `forgotten`, all or nothing; durable once it
   * resolves. May be repeated.
   */
  remember(
    tenant: TenantId,
    connector: ConnectorId,
    change: { records: readonly UidlRecord[]; forgotten: readonly string[] },
  ): Promise<void>;
  /** Lets go of files. Waits for what is being written. */
  close(): Promise<void>;
}
