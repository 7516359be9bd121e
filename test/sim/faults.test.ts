import assert from "node:assert/strict";
import { test } from "node:test";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Fault } from "./sim-files.ts";
import { simMails } from "./sim-mail.ts";
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

const mails = simMails(5, 30, { largeBytesMax: 200_000, largeOfThousand: 60 });
const sending: Sending = { mails, senders: 6, attemptsMax: 60 };

/** Starts again until it starts: what a supervisor does. */
async function startAnyhow(ground: Ground, seed: number): Promise<Life> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await startLife(ground, seed + attempt);
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

/** The power fails after everything; what was acknowledged is still there and the archive is whole. */
async function checkAfterPowerCut(ground: Ground, ledger: Ledger): Promise<void> {
  const later = { files: ground.files.afterPowerCut({ kind: "drop" }), commits: ground.commits };
  const life = await startLife(later, 900);
  assert.ok(await drive(life, () => isDrained(life)));
  await checkLife(life, ledger);
  await endLife(life);
}

/** Runs the mails with one fault; all must go through by and by, and survive a power cut afterwards. */
async function runWith(fault: Fault): Promise<{ met: number; answers: ReadonlyMap<string, number>; life: Life }> {
  const ground = await freshGround(5);
  const ledger = createLedger();
  ground.files.fail(fault);
  const life = await startAnyhow(ground, 50);
  const senders = startSending(life, ledger, sending, 5);
  assert.ok(await drive(life, () => senders.isDone() && isDrained(life)));
  assert.equal(senders.facts.gaveUp, 0, "every sender got its mail through in the end");
  assert.equal(ledger.count("acknowledged"), mails.length);
  assert.deepEqual([...life.archive.loop.stuck()], []);
  await endLife(life);
  await checkAfterPowerCut(ground, ledger);
  return { met: ground.files.faultsMet, answers: senders.facts.answers, life };
}

/** Every `stride`th call of a kind fails, in a run of its own, until a run has fewer such calls. */
async function everyNth(fault: Omit<Fault, "nth">, stride: number) {
  const answers = new Map<string, number>();
  let runs = 0;
  for (let nth = 1; ; nth += stride) {
    const run = await runWith({ ...fault, nth });
    if (run.met === 0) break;
    runs += 1;
    for (const [answer, count] of run.answers) answers.set(answer, (answers.get(answer) ?? 0) + count);
  }
  return { runs, answers };
}

const spool = "/spool/segment-";
const blobs = "/blobs/";

for (const { row, fault, stride, answers } of [
  {
    row: "F22: no space at a write of the spool is 452, and heals when space returns",
    fault: { calls: ["write"], path: spool, times: 1, code: "ENOSPC" },
    stride: 3,
    answers: ["SPOOL-FULL", "full", "through"],
  },
  {
    row: "F22: no space at many writes of the spool in a row is 452 to all, and heals",
    fault: { calls: ["write", "make"], path: "/spool/", times: 6, code: "ENOSPC" },
    stride: 7,
    answers: ["SPOOL-FULL", "full", "through"],
  },
  {
    row: "F23: no space at a write of a pack leaves intake open, and the pack is written again",
    fault: { calls: ["write", "make"], path: blobs, times: 4, code: "ENOSPC" },
    stride: 9,
    answers: ["through"],
  },
  {
    row: "F23: a catalogue that fails a commit, or its answer, leaves intake open and is asked again",
    fault: { calls: ["commit"], times: 2, code: "SQLITE_BUSY" },
    stride: 1,
    answers: ["through"],
  },
  {
    row: "F24: an I/O error at a sync, a name or a directory of a pack leaves intake open, and no pack stands twice",
    fault: { calls: ["sync", "syncDirectory", "link", "unlink", "mkdir"], path: blobs, times: 1, code: "EIO" },
    stride: 4,
    answers: ["through"],
  },
  {
    row: "F24: an I/O error at a write or a name of the spool is 451, and its state is suspect until a probe passes",
    fault: { calls: ["write", "make", "syncDirectory", "mkdir"], path: "/spool", times: 1, code: "EIO" },
    stride: 4,
    answers: ["SPOOL-BROKEN", "suspect", "through"],
  },
  {
    row: "F25: a sync that fails once is never believed later: 451, suspect until a probe passes, nothing acknowledged is lost",
    fault: { calls: ["sync"], path: spool, times: 1, code: "EIO" },
    stride: 1,
    answers: ["SPOOL-BROKEN", "suspect", "through"],
  },
  {
    row: "F26: an I/O error at a read sets its item aside and it is read later",
    fault: { calls: ["read"], times: 1, code: "EIO" },
    stride: 11,
    answers: ["through"],
  },
  {
    row: "F28: no file descriptor left for a while stops nothing for good",
    fault: { calls: ["open", "make"], times: 5, code: "EMFILE" },
    stride: 17,
    answers: ["through"],
  },
] satisfies { row: string; fault: Omit<Fault, "nth">; stride: number; answers: string[] }[])
  test(row, async () => {
    const run = await everyNth(fault, stride);
    console.log(`${row}: ${run.runs} runs, ${[...run.answers].map(([answer, n]) => `${n} ${answer}`).join(", ")}`);
    assert.ok(run.runs >= 3);
    const known = new Set([...run.answers.keys()]);
    for (const answer of answers) assert.ok(known.has(answer), `${answer} was answered in some run`);
    if (fault.code === "ENOSPC") assert.ok(!known.has("SPOOL-BROKEN"), "a full volume is 452 and nothing else");
    if (fault.path === blobs) assert.deepEqual([...known], ["through"], "intake does not wait for the archive");
  });

test("F31: a bit that flips in the spool after its sync is found and reported, its item is kept, others go on", async () => {
  const ground = await freshGround(6);
  const ledger = createLedger();
  let life = await startLife(ground, 60);
  // The blob store refuses everything for a while, so that mail stays on the spool.
  ground.files.fail({ calls: ["make"], path: blobs, nth: 1, times: 1_000, code: "ENOSPC" });
  const senders = startSending(life, ledger, { ...sending, mails: mails.slice(0, 8) }, 6);
  assert.ok(await drive(life, () => senders.isDone()));
  const items = [...life.spool.waiting()];
  assert.equal(items.length, 8);
  const victim = items.find(({ bytes }) => bytes > 500);
  const piece = victim?.pieces.at(-1);
  assert.ok(victim !== undefined && piece !== undefined);
  ground.files.flipBit(`/data/spool/segment-${piece.segment}.spool`, piece.offset + 64 + 10);
  ground.files.clearFaults();
  assert.ok(await drive(life, () => isDrained(life)));
  assert.deepEqual([...life.archive.loop.stuck().keys()], [victim.id]);
  assert.equal(life.archive.loop.stuck().get(victim.id)?.code, "SPOOL-DAMAGED");
  assert.deepEqual(
    [...life.spool.waiting()].map(({ id }) => id),
    [victim.id],
  );
  ledger.answer(victim.arrival.receipt, "unknown");
  await checkLife(life, ledger);
  await endLife(life);

  // A start finds it too, even in the last batch that was acknowledged, and keeps it.
  for (let start = 1; start <= 2; start += 1) {
    life = await startLife(ground, 60 + start);
    assert.equal(life.archive.damagedOnSpool.length, 1, JSON.stringify(life.archive.damagedOnSpool));
    const more = startSending(life, ledger, { ...sending, mails: mails.slice(8, 20) }, 60 + start);
    assert.ok(await drive(life, () => more.isDone() && isDrained(life)));
    await checkLife(life, ledger);
    await endLife(life);
  }
});

test("a volume that others fill is 452 before it is full; what was accepted is archived out of the reserve; then it heals", async () => {
  const ground = await freshGround(7);
  const { files } = ground;
  const ledger = createLedger();
  const life = await startLife(ground, 70);
  const first = startSending(life, ledger, { ...sending, mails: mails.slice(0, 6) }, 7);
  assert.ok(await drive(life, () => first.isDone() && isDrained(life)));
  await life.clock.advance(2_000);
  life.spool.state();
  assert.ok(await drive(life, () => files.paths().includes("/data/spool/reserve")));

  // Accepted, and kept on the spool by a blob store that refuses for a while.
  files.fail({ calls: ["make"], path: blobs, nth: 1, times: 1_000, code: "ENOSPC" });
  const kept = startSending(life, ledger, { ...sending, mails: mails.slice(6, 16) }, 8);
  assert.ok(await drive(life, () => kept.isDone()));
  files.capacity = files.usedBytes;
  files.clearFaults();
  await life.clock.advance(2_000);
  assert.equal(life.spool.state().kind, "open", "its last look at the volume was before");
  assert.ok(await drive(life, () => life.spool.state().kind === "full"));
  assert.ok(await drive(life, () => isDrained(life)), "archived on a full volume");
  assert.ok(!files.paths().includes("/data/spool/reserve"), "the reserve was given up");
  assert.equal(life.spool.state().kind, "full", "room that archiving needed is not given to new mail");

  files.capacity += 4 * 1024 * 1024;
  const rest = startSending(life, ledger, { ...sending, mails: mails.slice(16) }, 9);
  assert.ok(await drive(life, () => rest.isDone() && isDrained(life)));
  assert.equal(rest.facts.gaveUp, 0);
  await life.clock.advance(2_000);
  life.spool.state();
  assert.ok(await drive(life, () => files.paths().includes("/data/spool/reserve")), "the reserve is back");
  await checkLife(life, ledger);
  await endLife(life);
  await checkAfterPowerCut(ground, ledger);
});
