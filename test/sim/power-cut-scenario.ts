import { parentPort, workerData } from "node:worker_threads";
import { type CutCounts, cutAt, endingsOf, noCuts, scenarioOf, stepsOf } from "./power-cut.ts";

/** Messages of a scenario, and random damages of each cut beside those that are always made. */
const mailsOfScenario = 200;
const chances = 10;

/** What the thread posts: the scenario as it begins, and the counts of every step whose cuts lost nothing. */
export type CutWord = { readonly seed: number; readonly steps: number } | { readonly counts: CutCounts };

// The thread of one scenario, whose seed it is started with: the power is cut at every step of it.
const seed: number = workerData;
const post = (word: CutWord): void => parentPort?.postMessage(word);
const scenario = scenarioOf(seed, mailsOfScenario);
const steps = await stepsOf(scenario);
post({ seed, steps: steps.length });
for (let step = 1; step <= steps.length; step += 1) {
  const counts = noCuts();
  await cutAt(scenario, step, endingsOf(seed * 100_000 + step, chances), counts);
  post({ counts });
}
