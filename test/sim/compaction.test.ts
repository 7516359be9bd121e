import assert from "node:assert/strict";
import { test } from "node:test";
import { cutAt, type Ending, noCuts, type Scenario, stepsOf } from "./power-cut.ts";
import { simMails } from "./sim-mail.ts";

/** One sender at a time, which takes its time, so that every mail is a pack of its own and packs are merged meanwhile. */
function scenarioOf(seed: number, count: number): Scenario {
  return {
    seed,
    sending: {
      mails: simMails(seed, count, { largeBytesMax: 20_000, largeOfThousand: 0 }),
      senders: 1,
      attemptsMax: 3,
      pauseMs: 1_000,
    },
  };
}

/** The number of the first step of a merge: the making of the first pack whose name sorts before one that was there. */
function firstMerge(steps: readonly string[]): number {
  const newest = new Map<string, string>();
  for (const [at, step] of steps.entries()) {
    const [, folder, name] = /^link (.*)\/(pck_[0-9a-z]+)\.pack$/.exec(step) ?? [];
    if (folder === undefined || name === undefined) continue;
    if (name < (newest.get(folder) ?? ""))
      return steps.lastIndexOf(steps.slice(0, at).findLast((one) => one.startsWith("make "))!, at) + 1;
    newest.set(folder, name);
  }
  throw new Error("nothing was merged");
}

const endingsOf = (step: number): Ending[] => [
  { kind: "power", damage: { kind: "drop" } },
  { kind: "power", damage: { kind: "chance", seed: step } },
  { kind: "kill, then power" },
  {
    kind: "power twice",
    damage: { kind: "chance", seed: step + 1 },
    recoveryStep: 1 + ((step * 7) % 30),
    again: { kind: "chance", seed: step + 2 },
  },
];

for (const [seed, what] of [
  [2, "of merging and of removing what was merged"],
  [3, "of merging, with what was merged kept beside it,"],
] as const)
  test(`F7: a cut at every step ${what} loses nothing, and the packs alone rebuild the same catalogue`, async () => {
    const scenario = scenarioOf(seed, 11);
    const steps = await stepsOf(scenario);
    const first = firstMerge(steps);
    const counts = noCuts();
    for (let step = first; step <= steps.length; step += 1) {
      const endings = endingsOf(step);
      // Every ending at every step of a merge; of the many removals, which are all alike, one each.
      const isRemoval = steps.slice(first, step).some((one) => /^unlink .*\.pack$/.test(one));
      await cutAt(scenario, step, isRemoval ? [endings[step % endings.length]!] : endings, counts);
    }
    console.log(`steps ${first} to ${steps.length}: ${counts.cuts} cuts, ${counts.acknowledged} acknowledged, 0 lost`);
    assert.ok(counts.cuts >= steps.length - first && counts.cuts >= 60);
  });
