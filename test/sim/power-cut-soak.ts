import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type CutCounts, noCuts } from "./power-cut.ts";
import type { CutWord } from "./power-cut-scenario.ts";

/** Cuts between two lines of progress. */
const progressEvery = 1_000;

/**
 * Cuts the power at every step of 200-message scenarios, of `firstSeed` and the seeds after it, until `cuts` were made.
 *
 * A cut is all processor work, so as many scenarios run at once as there are cores. Each has a thread of its own: what waits
 * in a life that was cut waits for ever, and only the end of its thread gives its memory back.
 *
 * @throws when a promise broke; the message names seed, step and ending. The other threads are ended with it
 */
export async function powerCutSoak(
  firstSeed: number,
  cuts: number,
  report: (line: string) => void,
): Promise<CutCounts> {
  const counts = noCuts();
  const running = new Set<Worker>();
  let nextSeed = firstSeed;
  let reportAt = progressEvery;
  let isOver = false;

  function hear(word: CutWord): void {
    if ("steps" in word) {
      report(`seed ${word.seed}: ${word.steps} steps`);
      return;
    }
    for (const field of ["cuts", "caught", "acknowledged"] as const) counts[field] += word.counts[field];
    if (counts.cuts < reportAt) return;
    report(`${counts.cuts} cuts: 0 lost, 0 altered, 0 partial`);
    reportAt += progressEvery;
  }

  /** One scenario after the other; ends in the middle of one when enough cuts were made. */
  async function runScenarios(): Promise<void> {
    while (!isOver) {
      const worker = new Worker(new URL("power-cut-scenario.ts", import.meta.url), { workerData: nextSeed++ });
      running.add(worker);
      worker.on("message", (word: CutWord) => {
        hear(word);
        isOver ||= counts.cuts >= cuts;
        if (isOver) void worker.terminate();
      });
      await untilDone(worker);
      running.delete(worker);
    }
  }

  try {
    await Promise.all(Array.from({ length: availableParallelism() }, runScenarios));
  } finally {
    isOver = true;
    await Promise.all([...running].map((worker) => worker.terminate()));
  }
  return counts;
}

/** Resolves when the thread came to its end, rejects with what it threw. */
function untilDone(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => worker.once("error", reject).once("exit", () => resolve()));
}
