import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inspectSpool } from "#server/index.ts";
import { systemClock } from "../../src/server/system.ts";
import { exported } from "./archive.ts";
import { seeded, sha256 } from "./bytes.ts";
import { addMailbox, drainMailbox } from "./mailbox.ts";
import { openMixedLoad } from "./mixed-load.ts";
import { addConnector, munimentJson, startServer } from "./server.ts";
import { settled } from "./settled.ts";
import { SmtpClient } from "./smtp-client.ts";

/** What a run of kills showed. */
export interface KillRun {
  seed: number;
  kills: number;
  /** Messages answered 250 over all kills. */
  acknowledged: number;
  /** Messages that left a mailbox over POP3 or that an import said were archived, besides. */
  taken: number;
  /** The fewest in one round. */
  acknowledgedFewest: number;
  /** Kills at which a message had been acknowledged and was not archived yet. */
  caught: number;
  /** Kills before which a pack was begun since the start: the archive was at work on it, or behind it. */
  packing: number;
  /** Kills before which something was archived since the one before. */
  archiving: number;
}

/** Fewest acknowledgements before a round's kill: a kill before any mail shows nothing. */
const acknowledgedMin = 20;

function message(round: number, session: number, index: number, bytes: number): Buffer {
  const head = `From: a@test.example\r\nSubject: round ${round} session ${session} message ${index}\r\n\r\n`;
  return Buffer.from(`${head}${"line of text that fills the message\r\n".repeat(Math.ceil(bytes / 37))}`);
}

/** The receipt that a 250 names. */
export function receiptIn(reply: string): string {
  return /rcp_[0-9a-z]+/.exec(reply)?.[0] ?? "";
}

/** Sends until the server is gone, pausing before each message; notes each message whose 250 came. */
async function load(
  port: number,
  round: number,
  session: number,
  next: () => number,
  pause: () => Promise<void>,
  acknowledged: (digest: string, receipt: string) => void,
) {
  const client = await SmtpClient.open(port);
  try {
    for (let index = 0; ; index += 1) {
      await pause();
      const bytes = message(round, session, index, Math.floor(next() ** 4 * 200_000) + 50);
      const reply = await client.send("kill@archive.example", bytes);
      if (reply.startsWith("250")) acknowledged(sha256(bytes), receiptIn(reply));
    }
  } catch {
    // The server is gone, which is what this is about.
  } finally {
    client.destroy();
  }
}

/** Which receipts a copy of the dead server's catalogue holds; the original is left for the next start to recover. */
function archivedReceipts(data: string): Set<string> {
  const copy = mkdtempSync(join(data, "..", "catalogue-"));
  try {
    cpSync(join(data, "catalogue", "tenants"), copy, { recursive: true });
    const database = new DatabaseSync(join(copy, "main.sqlite"));
    const rows = database.prepare("select receipt from receipts").all() as { receipt: string }[];
    database.close();
    return new Set(rows.map(({ receipt }) => receipt));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/**
 * Rounds after which the archive is let catch up: kills that follow one another more closely than a batch takes would otherwise
 * find ever more on the spool, every start and every look at it would be longer, and few kills would meet a pack, a commit or the index.
 */
const catchUpEvery = 5;

/** How long a round waits for a pack before its kill comes without one: on a busy machine the archive steps back behind senders. */
const packWaitMs = 2_000;

/** Names of the packs there are; before the first one there is no folder. */
function packsOf(data: string): Set<string> {
  const folder = join(data, "blobs");
  return new Set(existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : []);
}

const isPackBeside = (data: string, before: ReadonlySet<string>) =>
  [...packsOf(data)].some((name) => !before.has(name));

/** Resolves when a pack is being written that is not among `before`: it is to be made durable, read back, entered and indexed. */
async function packBegun(data: string, before: ReadonlySet<string>): Promise<void> {
  const untilMs = systemClock.elapsedMs() + packWaitMs;
  while (systemClock.elapsedMs() < untilMs && !isPackBeside(data, before)) await systemClock.sleep(20);
}

/** How many acknowledged receipts lie on the dead server's spool and not in its catalogue, and how many that holds in all. */
export async function countUnarchived(
  data: string,
  acknowledged: ReadonlySet<string>,
): Promise<{ unarchived: number; archived: number }> {
  const { items } = (await inspectSpool({ data })) as { items: { receipt: string }[] };
  const spooled = new Set(items.map(({ receipt }) => receipt));
  const archived = archivedReceipts(data);
  const missing = [...acknowledged].filter((receipt) => !spooled.has(receipt) && !archived.has(receipt));
  assert.deepEqual(missing, [], "an acknowledged message is on the spool or in the catalogue at every instant");
  const unarchived = [...acknowledged].filter((receipt) => !archived.has(receipt)).length;
  return { unarchived, archived: archived.size };
}

/**
 * Kills the server `kills` times while mail comes over SMTP, a mailbox is drained, folders are imported and the archive is
 * searched, at moments drawn from the seed, and checks after the last start that every message answered 250, deleted from
 * the mailbox or said to be archived by an import is there, byte for byte.
 */
export async function killRun(
  folder: string,
  seed: number,
  kills: number,
  report: (line: string) => void,
): Promise<KillRun> {
  const data = join(folder, "data");
  const next = seeded(seed);
  const run: KillRun = {
    seed,
    kills,
    acknowledged: 0,
    taken: 0,
    acknowledgedFewest: Number.MAX_SAFE_INTEGER,
    caught: 0,
    packing: 0,
    archiving: 0,
  };
  const ledger = new Set<string>();
  let archivedBefore = 0;
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server = await startServer(data, "--allow-private-hosts");
  await addConnector(data, "standard", "kill@archive.example");
  const beside = await openMixedLoad(folder, data);
  try {
    const mailbox = await addMailbox(data, { port: beside.port });
    for (let round = 0; round < kills; round += 1) {
      if (round % catchUpEvery === catchUpEvery - 1) await settled(data);
      const receipts = new Set<string>();
      // Every other kill falls into the rush, anywhere in the work on what came last; the others while mail comes slowly
      // and the archive, which steps back behind senders, is at work on packs, commits and the index.
      const isLate = round % 2 === 1;
      const killAfter = acknowledgedMin + Math.floor(next() ** 3 * 200);
      const delayMs = next() * (isLate ? 800 : 40);
      const packs = packsOf(data);
      let reached: () => void = () => undefined;
      const pause = async () => {
        if (isLate && receipts.size >= killAfter) await systemClock.sleep(20);
      };
      const enough = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const sessions = Array.from({ length: 6 }, (_, session) =>
        load(server.smtpPort, round, session, next, pause, (digest, receipt) => {
          ledger.add(digest);
          receipts.add(receipt);
          if (receipts.size === killAfter) reached();
        }),
      );
      const others = beside.round(round, mailbox.id);
      await enough;
      if (isLate) await packBegun(data, packs);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await server.kill();
      if (isPackBeside(data, packs)) run.packing += 1;
      await Promise.all([...sessions, others]);
      const { unarchived, archived } = await countUnarchived(data, receipts);
      run.acknowledged += receipts.size;
      run.acknowledgedFewest = Math.min(run.acknowledgedFewest, receipts.size);
      if (unarchived > 0) run.caught += 1;
      if (archived > archivedBefore) run.archiving += 1;
      archivedBefore = archived;
      report(
        `kill ${round + 1}/${kills}: ${receipts.size} acknowledged, ${unarchived} of them not yet archived, ${archived} archived in all`,
      );
      server = await startServer(data, "--allow-private-hosts");
    }
    const { drained } = await drainMailbox(data, mailbox.id);
    assert.deepEqual([drained.problem, beside.left], [null, 0], "the mailbox is drained to its end");
    await settled(data);
    assert.equal(await server.stop(), 0);
    const back = await exported(data, "*", join(folder, "export"));
    run.taken = beside.owed.size;
    const lost = [...ledger, ...beside.owed].filter((digest) => !back.has(digest));
    assert.deepEqual(lost, [], `of ${ledger.size} acknowledged and ${run.taken} taken messages, seed ${seed}`);
    return run;
  } finally {
    await server.kill();
    await beside.close();
  }
}
