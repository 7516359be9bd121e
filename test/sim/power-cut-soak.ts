import { type CutCounts, cutAt, endingsOf, noCuts, scenarioOf, stepsOf } from "./power-cut.ts";

/** Messages of a scenario, and random damages of each cut beside those that are always made. */
const mailsOfScenario = 200;
const chances = 10;
/** Cuts between two lines of progress. */
const progressEvery = 1_000;

/**
 * Cuts the power at every step of 200-message scenarios, one seed after the other, until `cuts` were made.
 *
 * @throws when a promise broke; the message names seed, step and ending
 */
export async function powerCutSoak(seed: number, cuts: number, report: (line: string) => void): Promise<CutCounts> {
  const counts = noCuts();
  let reportAt = progressEvery;
  for (let at = seed; counts.cuts < cuts; at += 1) {
    const scenario = scenarioOf(at, mailsOfScenario);
    const steps = await stepsOf(scenario);
    report(`seed ${at}: ${steps.length} steps`);
    for (let step = 1; step <= steps.length && counts.cuts < cuts; step += 1) {
      await cutAt(scenario, step, endingsOf(at * 100_000 + step, chances), counts);
      if (counts.cuts < reportAt) continue;
      reportAt += progressEvery;
      report(`${counts.cuts} cuts, step ${step} of seed ${at}: 0 lost, 0 altered, 0 partial`);
    }
  }
  return counts;
}
