import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crowdRun } from "../load/crowd.ts";
import { fuzzSmtp } from "../load/fuzz.ts";
import { eximRun } from "../senders/exim-run.ts";
import { postfixRun } from "../senders/postfix-run.ts";
import { powerCutSoak } from "../sim/power-cut-soak.ts";
import { killRun } from "../support/kill-run.ts";

// npm run soak -- NAME [--seed N] [--count N]: the long form of a test. Prints what it did; exits 1 when a promise broke.
const [name, ...flags] = process.argv.slice(2);
const option = (flag: string, otherwise: number): number => {
  const at = flags.indexOf(flag);
  return at < 0 ? otherwise : Number(flags[at + 1]);
};

/** Runs `work` with a folder that is removed behind it. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muniment-soak-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function kill(): Promise<void> {
  await inFolder(async (folder) => {
    const seed = option("--seed", Math.floor(performance.timeOrigin));
    const run = await killRun(folder, seed, option("--count", 200), console.log);
    console.log(JSON.stringify(run));
    console.log(
      `0 lost of ${run.acknowledged} acknowledged; ${run.caught} of ${run.kills} kills caught unarchived mail`,
    );
  });
}

async function smtpFuzz(): Promise<void> {
  const seed = option("--seed", Math.floor(performance.timeOrigin));
  console.log(`seed ${seed}`);
  console.log(JSON.stringify(await fuzzSmtp(seed, option("--count", 1_000_000))));
}

/** 5,000 idle and 200 active connections: resident memory and the wait of the active against their bounds. */
async function smtpLoad(): Promise<void> {
  await inFolder(async (folder) => {
    const messagesEach = option("--count", 20);
    const run = await crowdRun(folder, { idle: 5_000, active: 200, messagesEach });
    console.log(JSON.stringify(run));
    if (run.peakMiB > 600 || run.p99Ms > 2_000 || run.idleLeft < run.idle) {
      console.error("more than 600 MiB resident, a p99 above 2 s, or idle connections lost");
      process.exitCode = 1;
    }
  });
}

async function exim(): Promise<void> {
  await inFolder((folder) => eximRun(folder, option("--count", 1_000)));
  console.log(`${option("--count", 1_000)} messages by BDAT, every byte the same`);
}

async function powercut(): Promise<void> {
  const seed = option("--seed", 1);
  const counts = await powerCutSoak(seed, option("--count", 50_000), console.log);
  console.log(JSON.stringify(counts));
  console.log(
    `0 lost, 0 altered, 0 partial in ${counts.cuts} cuts; ${counts.caught} caught acknowledged mail not yet archived`,
  );
}

/** A minute without our server in the middle, as an operator's restart would be at its longest. */
async function postfix(): Promise<void> {
  const count = option("--count", 1_000);
  await inFolder((folder) => postfixRun(folder, count, 60_000));
  console.log(`${count} messages with a Bcc recipient each, sent by Postfix: every one found, none lost`);
}

const soaks: Record<string, () => Promise<void>> = {
  kill,
  powercut,
  exim,
  postfix,
  "smtp-fuzz": smtpFuzz,
  "smtp-load": smtpLoad,
};
const soak = soaks[name ?? ""];
if (soak === undefined) {
  console.error(`usage: npm run soak -- NAME [--seed N] [--count N]; there are: ${Object.keys(soaks).join(", ")}`);
  process.exit(2);
}
await soak();
