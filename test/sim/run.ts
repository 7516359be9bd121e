import { longRun } from "./long-run.ts";

// npm run sim -- [--seed N] [--count N]: random long lives of an archive. Prints what they did; exits 1 when a promise broke.
const flags = process.argv.slice(2);
const option = (flag: string, otherwise: number): number => {
  const at = flags.indexOf(flag);
  return at < 0 ? otherwise : Number(flags[at + 1]);
};

const first = option("--seed", Math.floor(performance.timeOrigin) % 1_000_000_000);
for (let seed = first; seed < first + option("--count", 1); seed += 1) {
  try {
    console.log(JSON.stringify(await longRun(seed)));
  } catch (error) {
    console.error(error);
    console.error(`repeat with: npm run sim -- --seed ${seed}`);
    process.exit(1);
  }
}
