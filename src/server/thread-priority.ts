import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";

/** Nice value of background threads: whoever answers a sender or a reader gets the processor first. */
const backgroundNice = 10;

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
    if (Number.isSafeInteger(thread)) setPriority(thread, backgroundNice);
  } catch {
    // It is a courtesy, and work goes on without it.
  }
}
