import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type CutCounts, noCuts } from "./power-cut.ts";
import type { CutShare, CutWord } from "./power-cut-share.ts";

/** Cuts between two lines of progress. */
const progressEvery = 1_000;

/**
 * Cuts the power at every step of 200-message scenarios, one seed after the other, until `cuts` were made.
 * A cut is all processor work, so every core takes its share of the seeds, on a thread.
 *
 * @throws when a promise broke; the message names seed, step and ending. The other threads are ended with it
 */
export async function powerCutSoak(seed: number, cuts: number, report: (line: string) => void): Promise<CutCounts> {
  const counts = noCuts();
  const threads = availableParallelism();
  let reportAt = progressEvery;
  const hear = (word: CutWord): void => {
    if ("seed" in word) {
      report(`seed ${word.seed}: ${word.steps} steps`);
      return;
    }
    for (const field of ["cuts", "caught", "acknowledged"] as const) counts[field] += word.counts[field];
    if (counts.cuts < reportAt) return;
    report(`${counts.cuts} cuts: 0 lost, 0 altered, 0 partial`);
    reportAt += progressEvery;
  };
  const workers = Array.from({ length: threads }, (_, at) => {
    const share: CutShare = { firstSeed: seed + at, stride: threads, cuts: Math.ceil(cuts / threads) };
    return new Worker(new URL("power-cut-share.ts", import.meta.url), { workerData: share });
  });
  try {
    await Promise.all(workers.map((worker) => untilDone(worker.on("message", hear))));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return counts;
}

/** Resolves when the thread came to its end, rejects with what it threw. */
function untilDone(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => worker.once("error", reject).once("exit", () => resolve()));
}
