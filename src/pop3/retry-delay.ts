/** Longest wait before a message that failed is tried again, in milliseconds: a fault that was mended shows the same day. */
const retryMsMax = 6 * 3_600_000;
const retryMs = 60_000;

/**
 * Milliseconds until a message is tried again after its `attempts`-th failure in a row.
 *
 * A lost connection is seldom the message's fault, so the first is forgiven at once; then a minute, doubled each time.
 */
export function retryDelayMs(attempts: number, cause: "connection" | "message"): number {
  if (cause === "connection" && attempts === 1) return 0;
  return Math.min(retryMs * 2 ** Math.min(attempts - 1, 20), retryMsMax);
}
