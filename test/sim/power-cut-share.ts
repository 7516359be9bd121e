import { parentPort, workerData } from "node:worker_threads";
import { type CutCounts, cutAt, endingsOf, noCuts, scenarioOf, stepsOf } from "./power-cut.ts";

/** Messages of a scenario, and random damages of each cut beside those that are always made. */
const mailsOfScenario = 200;
const chances = 10;

/** One thread's part of the soak: `cuts` cuts, at every step of the scenarios `firstSeed`, `firstSeed + stride`, … */
export interface CutShare {
  readonly firstSeed: number;
  readonly stride: number;
  readonly cuts: number;
}

/** What the thread posts: each scenario as it begins, and the counts of every cut that lost nothing. */
export type CutWord = { readonly seed: number; readonly steps: number } | { readonly counts: CutCounts };

const share: CutShare = workerData;
const post = (word: CutWord): void => parentPort?.postMessage(word);
let made = 0;
for (let seed = share.firstSeed; made < share.cuts; seed += share.stride) {
  const scenario = scenarioOf(seed, mailsOfScenario);
  const steps = await stepsOf(scenario);
  post({ seed, steps: steps.length });
  for (let step = 1; step <= steps.length && made < share.cuts; step += 1) {
    const counts = noCuts();
    await cutAt(scenario, step, endingsOf(seed * 100_000 + step, chances), counts);
    made += counts.cuts;
    post({ counts });
  }
}
