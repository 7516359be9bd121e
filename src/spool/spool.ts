import type {
  Branded,
  ConnectorId,
  Decision,
  Destination,
  Hop,
  Instant,
  ReceiptId,
  Sha256,
  TenantId,
} from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/** One accepted item: 16 random bytes as hexadecimal. */
export type SpoolId = Branded<"SpoolId">;

/** What a transport hands over besides the bytes. */
export interface Arrival {
  /** Minted by the transport; the same capture offered again under the same id is recognised downstream. */
  receipt: ReceiptId;
  destination: Destination;
  hop: Hop;
  /** Where the item came from, for imports: a repeated import of the same source adds no receipt. */
  sourceKey: string | null;
  /** When the last byte was taken. */
  receivedAt: Instant;
  /** Set for an item that is archived already and is put on its way again by a decision. */
  decision?: Decision;
}

/** An item that is durable here and not yet archived. */
export interface SpooledItem {
  id: SpoolId;
  arrival: Arrival;
  bytes: number;
  sha256: Sha256;
  /** Where its pieces lie, for a worker that reads them by itself. */
  pieces: readonly SpoolPiece[];
}

/** One sealed record of an item. */
export interface SpoolPiece {
  segment: number;
  /** Offset of the record's header in the segment. */
  offset: number;
  /** Length of the plain payload. */
  bytes: number;
}

/** An item whose bytes are still coming. Exactly one of `commit` and `abandon` ends it. */
export interface SpoolWriter {
  readonly id: SpoolId;
  /**
   * Takes the next bytes and keeps `piece` itself for a while: its bytes must not change any more. Resolves when more may be
   * offered, which is how a slow disk slows a sender.
   */
  write(piece: Uint8Array): Promise<void>;
  /** SHA-256 of everything that was written; nothing may be written after it was asked for. May be repeated. */
  digest(): Sha256;
  /**
   * Resolves once every byte and the end record are durable. Only then may 250 be said or a source let go.
   *
   * @throws `SPOOL-FULL` (452), `SPOOL-BROKEN` (451); nothing of the item is believed afterwards
   */
  commit(arrival: Arrival): Promise<SpooledItem>;
  /** Forgets the item. May be repeated, also after a failed commit. */
  abandon(): void;
}

/** Whether the spool can take more now. */
export type SpoolState = { kind: "open" } | { kind: "full"; reason: string } | { kind: "suspect"; reason: string };

/** What start-up found. */
export interface SpoolRecovery {
  items: number;
  /** What was synced and cannot be read. */
  damaged: readonly SpoolDamage[];
  /** Unfinished items that nobody was promised, dropped. */
  unfinished: number;
}

/**
 * Bytes that were synced and cannot be read, or an accepted item (its end record is intact) of which a stretch is gone.
 *
 * An item is damage only if its receipt is not in the catalogue: one that was archived and released lost its first
 * segment to new mail, which is how segments are used again.
 */
export type SpoolDamage =
  | { kind: "item"; id: SpoolId; tenant: TenantId; receipt: ReceiptId; reason: string }
  | { kind: "bytes"; segment: number; reason: string };

/** Durable intake. Many sessions share one sync; pieces of many items may interleave. */
export interface Spool {
  readonly recovery: SpoolRecovery;
  /** Asked before a transfer begins; "full" is 452, "suspect" is 421. */
  state(): SpoolState;
  open(): SpoolWriter;
  /** Committed items that have not been released, oldest first. */
  waiting(): Iterable<SpooledItem>;
  /** Resolves when the next item is accepted, or `signal` aborts. */
  arrival(signal: AbortSignal): Promise<void>;
  /** Streams the item's bytes; `SPOOL-DAMAGED` when a record no longer opens. */
  read(item: SpooledItem): Bytes;
  /** Lets go of an item whose receipt is in the catalogue, also of one reported as damaged. May be repeated. */
  release(id: SpoolId): void;
  /** Numbers for the processing queue, per connector. */
  depths(): readonly SpoolDepth[];
  close(): Promise<void>;
}

/** How much of one connector is waiting. */
export interface SpoolDepth {
  tenant: TenantId;
  connector: ConnectorId;
  items: number;
  bytes: number;
  oldestAt: Instant;
}
