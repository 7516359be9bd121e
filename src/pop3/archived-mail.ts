import type { ReceiptId, ReceiptState } from "#core/index.ts";
import type { Capture } from "./uidl-memory.ts";

/** What became of a capture that is in the archive. */
export type SettledState = Exclude<ReceiptState, "processing">;

/** What a drain asks of the archive: nothing is deleted from a mailbox without its answer. */
export interface ArchivedMail {
  /**
   * Which of these captures are in the catalogue, durably, by receipt or by source key; one known by its source key alone is
   * a `duplicate`. May be repeated.
   */
  settled(captures: readonly Pick<Capture, "receipt" | "sourceKey">[]): Promise<ReadonlyMap<ReceiptId, SettledState>>;
  /** Resolves when further receipts may have been settled since the call, or `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
}
