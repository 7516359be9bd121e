import type { Instant } from "#core/index.ts";
import { captureOf } from "./ledger.ts";
import type { ListedMessage, Listing } from "./listing.ts";
import { isCaptured, type RecordTable } from "./record-table.ts";
import type { Capture } from "./uidl-memory.ts";

/** What becomes of a message on the server once it is archived. */
export type Retention = { kind: "delete" } | { kind: "keep-days"; days: number } | { kind: "keep" };

/** A message of which there is a capture already. */
export interface Captured {
  message: ListedMessage;
  key: string;
  capture: Capture;
}

/** What a session has to do, from what is listed and what is remembered. */
export interface Plan {
  /** To be taken, oldest first. */
  fetch: ListedMessage[];
  /** Taken earlier, and to be deleted once archived. They are compared with the capture before that. */
  remove: Captured[];
  /** Listed though it was deleted or gone, or of another size than when it was taken: another message may have its id. */
  doubtful: Captured[];
  /** Larger than we take; left in the mailbox. */
  tooLarge: ListedMessage[];
  /** Keys of captures that are not listed any more. */
  gone: string[];
  /** Keys of messages that were never taken and are not listed any more: somebody else took them. */
  vanished: string[];
}

const dayMs = 86_400_000;

/** The key under which a message is remembered before its content is known; null when the server gives no id. */
export function keyOf({ uidl }: ListedMessage): string | null {
  return uidl === null ? null : `u:${uidl}`;
}

/** Where failures of a message without an id are remembered: by its size, the one thing known of it before RETR. */
export function failureKeyOf(message: ListedMessage): string {
  return keyOf(message) ?? `s:${message.listBytes ?? "unknown"}`;
}

/** Whether a message that was captured may be deleted now, as far as time goes. */
export function isDue(capture: Capture, retention: Retention, now: Instant): boolean {
  switch (retention.kind) {
    case "delete":
      return true;
    case "keep-days":
      return now - capture.takenAt >= retention.days * dayMs;
    case "keep":
      return false;
  }
}

/**
 * Sorts what is listed by what is remembered of it. Changes nothing.
 *
 * @param records in which every message of the listing that has an id is noted as listed by the latest session
 */
export function planSession(
  listing: Listing,
  records: RecordTable,
  facts: { now: Instant; retention: Retention; messageBytesMax: number },
): Plan {
  const plan: Plan = { fetch: [], remove: [], doubtful: [], tooLarge: [], gone: [], vanished: [] };
  for (const message of listing.messages) sortMessage(plan, message, records, facts);
  // Where ids are missing or doubled, a record that is not listed may still belong to a message that is there.
  if (listing.uidls !== "usable") return plan;
  for (const [key, kind] of records.kinds()) {
    if (kind === "gone" || records.listedIn(key) === records.session) continue;
    if (isCaptured(kind)) plan.gone.push(key);
    else plan.vanished.push(key);
  }
  return plan;
}

function sortMessage(
  plan: Plan,
  message: ListedMessage,
  records: RecordTable,
  { now, retention, messageBytesMax }: { now: Instant; retention: Retention; messageBytesMax: number },
): void {
  const key = keyOf(message);
  const kind = key === null ? undefined : records.kind(key);
  const capture = isCaptured(kind) ? captureOf(records.get(key!)?.state) : null;
  if (key !== null && capture !== null) {
    const isBack = kind === "deleted" || kind === "gone";
    const captured = { message, key, capture };
    if (isBack || message.listBytes !== capture.listBytes) plan.doubtful.push(captured);
    else if (isDue(capture, retention, now)) plan.remove.push(captured);
    return;
  }
  const failureKey = failureKeyOf(message);
  const failed = records.kind(failureKey) === "failed" ? records.get(failureKey)?.state : undefined;
  if (failed?.kind === "failed" && failed.retryAt > now) return;
  if (message.listBytes !== null && message.listBytes > messageBytesMax) plan.tooLarge.push(message);
  else plan.fetch.push(message);
}
