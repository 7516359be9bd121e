import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { powerCutSoak } from "../sim/power-cut-soak.ts";
import { killRun } from "../support/kill-run.ts";

// npm run soak -- NAME [--seed N] [--count N]: the long form of a test. Prints what it did; exits 1 when a promise broke.
const [name, ...flags] = process.argv.slice(2);
const option = (flag: string, otherwise: number): number => {
  const at = flags.indexOf(flag);
  return at < 0 ? otherwise : Number(flags[at + 1]);
};

async function kill(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muniment-soak-"));
  try {
    const run = await killRun(
      folder,
      option("--seed", Math.floor(performance.timeOrigin)),
      option("--count", 200),
      console.log,
    );
    console.log(JSON.stringify(run));
    console.log(
      `0 lost of ${run.acknowledged} acknowledged; ${run.caught} of ${run.kills} kills caught unarchived mail`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function powercut(): Promise<void> {
  const seed = option("--seed", 1);
  const counts = await powerCutSoak(seed, option("--count", 50_000), console.log);
  console.log(JSON.stringify(counts));
  console.log(
    `0 lost, 0 altered, 0 partial in ${counts.cuts} cuts; ${counts.caught} caught acknowledged mail not yet archived`,
  );
}

const soaks: Record<string, () => Promise<void>> = { kill, powercut };
const soak = soaks[name ?? ""];
if (soak === undefined) {
  console.error(`usage: npm run soak -- NAME [--seed N] [--count N]; there are: ${Object.keys(soaks).join(", ")}`);
  process.exit(2);
}
await soak();
