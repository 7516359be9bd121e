import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./client.ts";
import { createProgress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

/** What `/status` says of how far the search index follows the archive, in changes of the archive. */
interface Index {
  coveredTo: number;
  lastChange: number;
}

const pollMs = 100;

/**
 * Waits until a search finds everything that is archived when this is called; mail that comes meanwhile does not prolong it.
 * Shows how far the index is.
 *
 * @param goOn asked between looks, and throws where the user wants an end
 */
export async function untilSearchable(client: Client, terminal: Terminal, goOn: () => void): Promise<void> {
  const progress = createProgress(terminal, "search index");
  try {
    let begun: Index | null = null;
    for (;;) {
      const { index } = await client.get<{ index: Index }>("/status");
      begun ??= index;
      const [done, total] = [index.coveredTo - begun.coveredTo, begun.lastChange - begun.coveredTo];
      if (done >= total) return;
      progress.show({ done, total, unit: "changes" });
      await sleep(pollMs);
      goOn();
    }
  } finally {
    progress.end();
  }
}
