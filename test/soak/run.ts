import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MiB } from "#core/index.ts";
import { damageGround, flipRun, swapRun, truncationRun } from "../damage/flips.ts";
import { crowdRun } from "../load/crowd.ts";
import { fuzzSmtp } from "../load/fuzz.ts";
import { hostileRun } from "../load/hostile.ts";
import { hostileServerRun } from "../load/hostile-server.ts";
import { largeRun } from "../load/large.ts";
import { heavyMailboxRun } from "../load/mailbox.ts";
import { smimeWaitingRun } from "../load/smime-waiting.ts";
import { spooledRun } from "../load/spooled.ts";
import { eximRun } from "../senders/exim-run.ts";
import { postfixRun } from "../senders/postfix-run.ts";
import { powerCutSoak } from "../sim/power-cut-soak.ts";
import { messageCostMax, readHostile } from "../smime/hostile-run.ts";
import { assertLedger, type CrashRun, crashArchive, crashPoints, crashRun, isOften } from "../support/crash-run.ts";
import { killRun } from "../support/kill-run.ts";
import { mailboxRun } from "../support/mailbox-run.ts";

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

/** Kills on one archive: what is looked at after each grows with it. */
const killsOfArchive = 50;

async function kill(): Promise<void> {
  const seed = option("--seed", Math.floor(performance.timeOrigin));
  const count = option("--count", 200);
  const sum = { kills: 0, acknowledged: 0, taken: 0, caught: 0, packing: 0, archiving: 0 };
  for (let leg = 0; sum.kills < count; leg += 1)
    await inFolder(async (folder) => {
      const run = await killRun(folder, seed + leg, Math.min(killsOfArchive, count - sum.kills), console.log);
      console.log(JSON.stringify(run));
      for (const field of ["kills", "acknowledged", "taken", "caught", "packing", "archiving"] as const)
        sum[field] += run[field];
    });
  console.log(
    `0 lost of ${sum.acknowledged} acknowledged by 250 and ${sum.taken} taken by POP3 and import; ${sum.caught} of ${sum.kills} kills caught unarchived mail, ` +
      `${sum.packing} came while a pack was written or behind it, ${sum.archiving} after something new was archived`,
  );
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

/** Every named crash point, before and after, with as many seeds: 18 stops a seed. */
async function crashPointsSoak(): Promise<void> {
  await inFolder(async (folder) => {
    const count = option("--count", 20);
    const seed = option("--seed", 1);
    const archive = await crashArchive(folder);
    const ledger = new Set<string>();
    const runs: CrashRun[] = [];
    for (let round = 0; round < count; round += 1)
      for (const point of crashPoints)
        for (const moment of ["before", "after"]) {
          const nth = isOften(point) ? 1 + ((seed + round) % 5) : 1 + ((seed + round) % 2);
          const run = await crashRun(archive, `kill:${moment}:${point}:${nth}`, seed + round, ledger);
          runs.push(run);
          console.log(JSON.stringify(run));
        }
    await assertLedger(archive.data, join(folder, "export"), ledger);
    const reached = runs.filter(({ isReached }) => isReached).length;
    const caught = runs.filter(({ unarchived }) => unarchived > 0).length;
    console.log(
      `${runs.length} runs, ${reached} stopped at their point, ${ledger.size} acknowledged, 0 lost; ` +
        `${caught} caught acknowledged mail that was not archived`,
    );
  });
}

/** Bits flipped in every place of packs, then every cut and every swap. */
async function flips(): Promise<void> {
  const seed = option("--seed", 1);
  const flipped = await flipRun(await damageGround(seed), seed, option("--count", 10_000));
  console.log(`flips: ${JSON.stringify(flipped)}; all found and named, none touched more than its frame`);
  const cut = await truncationRun(await damageGround(seed));
  console.log(`cuts, holes and garbage: ${JSON.stringify(cut)}; all found, what lies before is read`);
  const swapped = await swapRun(await damageGround(seed));
  console.log(`swaps, also between packs and tenants: ${JSON.stringify(swapped)}; none believed`);
}

/** A minute without our server in the middle, as an operator's restart would be at its longest. */
async function postfix(): Promise<void> {
  const count = option("--count", 1_000);
  await inFolder((folder) => postfixRun(folder, count, 60_000));
  console.log(`${count} messages with a Bcc recipient each, sent by Postfix: every one found, none lost`);
}

/** The whole corpus and generated mail out of one mailbox of Dovecot, with the server killed on the way. */
async function pop3Corpus(): Promise<void> {
  await inFolder(async (folder) => {
    const run = await mailboxRun(folder, "", option("--count", 20_000), option("--kills", 3));
    console.log(JSON.stringify(run));
    console.log(`${run.messages} messages, none lost, none changed, none twice; the mailbox is empty`);
  });
}

/** A mailbox of 100,000 with messages of 150 and 200 MB in it, beside one at an octet a second, over deaths of the server. */
async function pop3(): Promise<void> {
  await inFolder(async (folder) => {
    const large = [150_000_000, 200_000_000];
    const run = await heavyMailboxRun(folder, option("--count", 100_000), large, option("--kills", 3));
    console.log(JSON.stringify(run));
    // A message is held whole while it is archived, one at a time: what the mailbox adds is the rest.
    console.log(`${run.peakMiB - Math.round(Math.max(...large) / MiB)} MiB resident beside the largest message`);
    if (run.peakMiB <= 512) return;
    console.error("more than 512 MiB resident");
    process.exitCode = 1;
  });
}

/** Messages of 150 MB at once, against the bound of resident memory. */
async function large(): Promise<void> {
  await inFolder(async (folder) => {
    const run = await largeRun(folder, option("--count", 40), 150_000_000);
    console.log(JSON.stringify(run));
    if (run.peakMiB <= 512) return;
    console.error("more than 512 MiB resident");
    process.exitCode = 1;
  });
}

/** Starts over a spool of 100,000 messages, three rounds, against ten seconds until a 250. */
async function spooled(): Promise<void> {
  await inFolder(async (folder) => {
    const run = await spooledRun(folder, option("--count", 100_000));
    console.log(JSON.stringify(run));
    if (Math.max(...run.servingMs) <= 10_000) return;
    console.error("serving again took more than 10 s");
    process.exitCode = 1;
  });
}

/** 10,000 messages archived before their key, all opened over a kill; the wait of other mail meanwhile against its bound. */
async function smimeWaiting(): Promise<void> {
  await inFolder(async (folder) => {
    const run = await smimeWaitingRun(folder, option("--count", 10_000));
    console.log(JSON.stringify(run));
    console.log(`${run.waiting} messages waited, all are opened and found; killed after ${run.killedAt}`);
    if (run.opening.p99 <= 250) return;
    console.error("the 99th percentile until a 250 was above 250 ms while mail was opened");
    process.exitCode = 1;
  });
}

/** Messages that are made to be expensive, in full: each whole, in bounded time and memory, by themselves and through a server. */
async function hostile(): Promise<void> {
  const msMax = 20_000;
  for (const result of hostileRun(1, () => performance.now())) {
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(JSON.stringify({ ...result, peakMiB }));
    if (result.isWhole && result.ms <= msMax && peakMiB <= 2_000) continue;
    console.error(`${result.name}: not whole, above ${msMax} ms, or above 2,000 MiB resident`);
    process.exitCode = 1;
  }
  for (const { mail, reading, ms } of readHostile(1)) {
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(JSON.stringify({ name: mail.name, bytes: mail.bytes.length, state: reading?.state, ms, peakMiB }));
    const isRight = reading?.state === mail.state && reading.isCut === mail.isCut;
    if (isRight && ms <= messageCostMax.ms && peakMiB <= messageCostMax.peakMiB) continue;
    console.error(`${mail.name}: not ${mail.state}, or above ${messageCostMax.ms} ms or ${messageCostMax.peakMiB} MiB`);
    process.exitCode = 1;
  }
  await inFolder(async (folder) => {
    const result = await hostileServerRun(folder, 1);
    console.log(JSON.stringify(result));
    if (result.peakMiB > 2_000) process.exitCode = 1;
  });
}

const soaks: Record<string, () => Promise<void>> = {
  kill,
  powercut,
  exim,
  hostile,
  flips,
  large,
  spooled,
  "crash-points": crashPointsSoak,
  pop3,
  "pop3-corpus": pop3Corpus,
  postfix,
  "smime-waiting": smimeWaiting,
  "smtp-fuzz": smtpFuzz,
  "smtp-load": smtpLoad,
};
const soak = soaks[name ?? ""];
if (soak === undefined) {
  console.error(`usage: npm run soak -- NAME [--seed N] [--count N]; there are: ${Object.keys(soaks).join(", ")}`);
  process.exit(2);
}
await soak();
