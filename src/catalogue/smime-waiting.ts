import type { SmimeEntry } from "./entries.ts";

/** Whether a key that comes later may open the message. */
export function isWaiting({ state }: Pick<SmimeEntry, "state">): boolean {
  return state === "encrypted-no-key" || state === "encrypted-bad-key";
}
