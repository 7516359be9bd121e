import { readlinkSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

/** Steps of niceness between background threads and the others: whoever answers a sender or a reader gets the processor first. */
const stepsBack = 10;

/**
 * Lets the calling thread step back behind the others where the processor is short. Where the system has no such priority
 * of a thread it stays as it is.
 *
 * Linux gives each thread a priority of its own, under the thread's id.
 * @see setpriority(2), "C library/kernel differences"
 */
export function stepBack(): void {
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    if (!Number.isSafeInteger(thread)) return;
    // From where the process is: a server that was started as a nice one must not have its archive come first.
    setPriority(thread, Math.min(constants.priority.PRIORITY_LOW, getPriority(thread) + stepsBack));
  } catch {
    // It is a courtesy, and work goes on without it.
  }
}
