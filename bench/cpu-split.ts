import { type Profiler, Session } from "node:inspector/promises";

/** A step of the work, and which frames of a stack belong to it: `file function`. */
export type Step = [name: string, frame: RegExp];

/**
 * Runs `work` under V8's sampling profiler and gives the CPU time of this thread by step, in milliseconds.
 *
 * A sample counts for the innermost of its frames that a step names, the first step winning; the rest is `other`.
 */
export async function cpuSplit(steps: readonly Step[], work: () => Promise<void>): Promise<Map<string, number>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 250 });
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return splitOf(profile, steps);
}

function splitOf(profile: Profiler.Profile, steps: readonly Step[]): Map<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const stepOfFrame = (id: number): string | undefined => {
    const { url, functionName } = nodes.get(id)!.callFrame;
    if (functionName === "(idle)") return "idle";
    if (functionName === "(garbage collector)") return "garbage collection";
    return steps.find(([, frame]) => frame.test(`${url} ${functionName}`))?.[0];
  };
  const stepById = new Map<number, string>();
  const stepOf = (leaf: number): string => {
    const known = stepById.get(leaf);
    if (known !== undefined) return known;
    let step: string | undefined;
    for (let id: number | undefined = leaf; id !== undefined && step === undefined; id = parents.get(id))
      step = stepOfFrame(id);
    stepById.set(leaf, step ?? "other");
    return step ?? "other";
  };
  const split = new Map<string, number>();
  for (const [index, sample] of (profile.samples ?? []).entries()) {
    const step = stepOf(sample);
    split.set(step, (split.get(step) ?? 0) + (profile.timeDeltas?.[index] ?? 0) / 1000);
  }
  split.delete("idle");
  return split;
}
