import { seeded } from "../support/bytes.ts";
import { createLedger, type Ledger, LedgerBroken } from "./ledger.ts";
import type { Damage, SimFiles } from "./sim-files.ts";
import { type SimMail, simMails } from "./sim-mail.ts";
import {
  checkLife,
  drive,
  endLife,
  freshGround,
  type Ground,
  isDrained,
  type Life,
  type Sending,
  startLife,
  startSending,
} from "./world.ts";

/** Where and how the power fails, and what is sent. */
export interface Scenario {
  seed: number;
  sending: Sending;
}

/** A scenario of its seed: sixteen senders share `count` mails, so that group commit and batches have something to group. */
export function scenarioOf(seed: number, count: number): Scenario {
  const mails = simMails(seed, count, { largeBytesMax: 200_000, largeOfThousand: 50 });
  return { seed, sending: { mails, senders: 16, attemptsMax: 3 } };
}

/** What is left when the power failed: of the files, of the catalogue, of the senders' notes. */
interface Ruins {
  files: SimFiles;
  commits: Ground["commits"];
  ledger: Ledger;
}

/** What a series of cuts showed. Each broken promise is thrown, so lost, altered and partial are 0 when it returns. */
export interface CutCounts {
  /** Cuts of the power or kills of the process, those during recovery included. */
  cuts: number;
  /** Cuts after which something had been acknowledged and was not in the catalogue. */
  caught: number;
  acknowledged: number;
}

export const noCuts = (): CutCounts => ({ cuts: 0, caught: 0, acknowledged: 0 });

/** Runs the scenario to the `cutAt`th step, or to its end; undefined when it came to its end, which was checked. */
async function runTo(scenario: Scenario, cutAt: number, isLying = false): Promise<{ ruins?: Ruins; files: SimFiles }> {
  const ground = await freshGround(scenario.seed);
  const ledger = createLedger();
  if (isLying) ground.files.lieAboutSyncs();
  ground.files.cutAt(cutAt);
  const life = await lifeOrCut(ground, scenario.seed);
  if (life !== undefined) {
    const sending = startSending(life, ledger, scenario.sending, scenario.seed);
    if (await drive(life, () => sending.isDone() && isDrained(life))) {
      await checkLife(life, ledger);
      await endLife(life);
      if (!ground.files.isCut) return { files: ground.files };
    }
  }
  return { files: ground.files, ruins: { files: ground.files, commits: ground.commits, ledger } };
}

/** Undefined when the power failed while it started. */
async function lifeOrCut(ground: Ground, seed: number): Promise<Life | undefined> {
  try {
    return await startLife(ground, seed);
  } catch (error) {
    if (ground.files.isCut) return undefined;
    throw error;
  }
}

/** How many steps the scenario has when nothing fails, and which. */
export async function stepsOf(scenario: Scenario): Promise<readonly string[]> {
  const { files } = await runTo(scenario, Number.MAX_SAFE_INTEGER);
  return files.trace;
}

/** Two more mails after a recovery: the archive serves again. */
const serving = (mails: readonly SimMail[]): Sending => ({ mails: mails.slice(0, 2), senders: 2, attemptsMax: 1 });

/** Starts on what is left, lets it archive what was accepted, checks, sends more, checks again. False when cut before. */
async function recover(ground: Ground, ledger: Ledger, scenario: Scenario, seed: number): Promise<boolean> {
  const life = await lifeOrCut(ground, seed);
  if (life === undefined) return false;
  // The power failed and nothing rotted: what was not synced is absent, and nothing that was is damaged.
  const [damage] = life.archive.damagedOnSpool;
  if (damage !== undefined) throw new LedgerBroken("false alarm", JSON.stringify(damage));
  if (!(await drive(life, () => isDrained(life)))) return false;
  const more = startSending(life, ledger, serving(scenario.sending.mails), seed);
  if (!(await drive(life, () => more.isDone() && isDrained(life)))) return false;
  await checkLife(life, ledger);
  await endLife(life);
  return !ground.files.isCut;
}

const copyCommits = (commits: Ground["commits"]): Ground["commits"] => [...commits];

/** One kind of end and what follows from it. */
export type Ending =
  | { kind: "power"; damage: Damage }
  /** The power fails, and again at a step of the recovery. */
  | { kind: "power twice"; damage: Damage; recoveryStep: number; again: Damage }
  /** The process is killed, a new one recovers, then the power fails. */
  | { kind: "kill, then power" };

async function recoverFrom(ruins: Ruins, ending: Ending, scenario: Scenario, seed: number): Promise<number> {
  const ledger = ruins.ledger.copy();
  const files = ending.kind === "kill, then power" ? ruins.files.afterKill() : ruins.files.afterPowerCut(ending.damage);
  const ground = { files, commits: copyCommits(ruins.commits) };
  if (ending.kind === "power twice") ground.files.cutAt(ending.recoveryStep);
  const isWhole = await recover(ground, ledger, scenario, seed);
  if (ending.kind === "power") return 1;
  if (ending.kind === "power twice" && isWhole) return 1;
  const again: Damage = ending.kind === "power twice" ? ending.again : { kind: "drop" };
  const later = { files: ground.files.afterPowerCut(again), commits: ground.commits };
  await recover(later, ledger, scenario, seed + 1);
  return 2;
}

/** The endings of one cut: all of F16 to F19 and a kill. */
export function endingsOf(seed: number, chances: number): Ending[] {
  const next = seeded(seed);
  const chance = (): Damage => ({ kind: "chance", seed: Math.floor(next() * 2 ** 31) });
  const endings: Ending[] = [
    { kind: "power", damage: { kind: "drop" } },
    { kind: "power", damage: { kind: "directories" } },
    { kind: "kill, then power" },
    {
      kind: "power twice",
      damage: next() < 0.5 ? { kind: "drop" } : chance(),
      recoveryStep: 1 + Math.floor(next() * 60),
      again: next() < 0.5 ? { kind: "drop" } : chance(),
    },
  ];
  for (let index = 0; index < chances; index += 1) endings.push({ kind: "power", damage: chance() });
  return endings;
}

/**
 * Cuts the power before the `step`th change of the scenario, once for each ending, and checks every recovery.
 *
 * @throws LedgerBroken; its message names the step and the ending
 */
export async function cutAt(
  scenario: Scenario,
  step: number,
  endings: readonly Ending[],
  counts: CutCounts,
  drive: { isLying: boolean } = { isLying: false },
): Promise<void> {
  const { ruins } = await runTo(scenario, step, drive.isLying);
  if (ruins === undefined) return;
  const committed = new Set(
    ruins.commits.flatMap(({ change }) =>
      change.kind === "commit" ? change.batch.receipts.map(({ receipt }) => receipt) : [],
    ),
  );
  const isCaught = [...ruins.ledger.attempts].some(
    ([receipt, { answer }]) => answer === "acknowledged" && !committed.has(receipt),
  );
  for (const ending of endings) {
    try {
      counts.cuts += await recoverFrom(ruins, ending, scenario, scenario.seed + 1_000);
    } catch (error) {
      const where = `seed ${scenario.seed}, ${scenario.sending.mails.length} mails, cut before step ${step}`;
      throw new Error(`${where}, ${JSON.stringify(ending)}: ${String(error)}`, { cause: error });
    }
    if (isCaught) counts.caught += 1;
    counts.acknowledged += ruins.ledger.count("acknowledged");
  }
}
