import { seeded } from "../support/bytes.ts";
import { createLedger, type Ledger, LedgerBroken } from "./ledger.ts";
import type { Damage, Fault } from "./sim-files.ts";
import { simMails } from "./sim-mail.ts";
import {
  checkLife,
  drive,
  endLife,
  freshGround,
  type Ground,
  isDrained,
  type Life,
  startLife,
  startSending,
} from "./world.ts";

/** What a long run did. */
export interface LongRun {
  seed: number;
  lives: number;
  cuts: number;
  kills: number;
  faults: number;
  acknowledged: number;
  refused: number;
}

const lifeCount = 12;
const mailsOfLife = 40;

/** Faults of a kind that pass. */
function someFault(next: () => number): Fault {
  const kinds: Pick<Fault, "calls" | "code">[] = [
    { calls: ["sync"], code: "EIO" },
    { calls: ["write", "make"], code: "ENOSPC" },
    { calls: ["link", "unlink", "rename", "syncDirectory", "mkdir"], code: "EIO" },
    { calls: ["open", "make"], code: "EMFILE" },
    { calls: ["commit"], code: "SQLITE_BUSY" },
  ];
  const kind = kinds[Math.floor(next() * kinds.length)] as (typeof kinds)[number];
  return { ...kind, nth: 1 + Math.floor(next() * 80), times: 1 + Math.floor(next() * 4) };
}

async function startOrCut(ground: Ground, seed: number): Promise<Life | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await startLife(ground, seed + attempt);
    } catch (error) {
      if (ground.files.isCut) return undefined;
      // A fault at start ends the process with its reason, and its supervisor starts it again.
      if (attempt === 5) throw error;
    }
  }
}

/** Sends and archives until done or cut. */
async function live(ground: Ground, ledger: Ledger, seed: number, largeBytesMax: number): Promise<void> {
  const life = await startOrCut(ground, seed);
  if (life === undefined) return;
  const [damage] = life.archive.damagedOnSpool;
  if (damage !== undefined) throw new LedgerBroken("false alarm", JSON.stringify(damage));
  const mails = simMails(seed, mailsOfLife, { largeBytesMax, largeOfThousand: 40 });
  const senders = startSending(life, ledger, { mails, senders: 8, attemptsMax: 20 }, seed);
  if (await drive(life, () => senders.isDone() && isDrained(life))) await endLife(life);
}

/**
 * One random long life of an archive: mail of up to some MB, power cuts, kills, faults of the disk and orderly ends, and a
 * check of everything at the end.
 *
 * @throws LedgerBroken when a promise did not hold
 */
export async function longRun(seed: number): Promise<LongRun> {
  const next = seeded(seed);
  const ledger = createLedger();
  const run: LongRun = { seed, lives: lifeCount, cuts: 0, kills: 0, faults: 0, acknowledged: 0, refused: 0 };
  let ground = await freshGround(seed);
  for (let number = 1; number <= lifeCount; number += 1) {
    if (next() < 0.7) ground.files.cutAt(1 + Math.floor(next() ** 2 * 700));
    if (next() < 0.4) ground.files.fail(someFault(next));
    await live(ground, ledger, seed * 1_000 + number * 20, next() < 0.2 ? 4_000_000 : 100_000);
    run.faults += ground.files.faultsMet;
    const isKill = ground.files.isCut && next() < 0.3;
    if (ground.files.isCut) run[isKill ? "kills" : "cuts"] += 1;
    const damage: Damage = next() < 0.3 ? { kind: "drop" } : { kind: "chance", seed: Math.floor(next() * 2 ** 31) };
    const files = isKill ? ground.files.afterKill() : ground.files.afterPowerCut(damage);
    ground = { files, commits: ground.commits };
  }
  const life = await startLife(ground, seed);
  await drive(life, () => isDrained(life));
  await checkLife(life, ledger);
  await endLife(life);
  run.acknowledged = ledger.count("acknowledged");
  run.refused = ledger.count("refused");
  return run;
}
