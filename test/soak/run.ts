import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const soaks: Record<string, () => Promise<void>> = { kill };
const soak = soaks[name ?? ""];
if (soak === undefined) {
  console.error(`usage: npm run soak -- NAME [--seed N] [--count N]; there are: ${Object.keys(soaks).join(", ")}`);
  process.exit(2);
}
await soak();
