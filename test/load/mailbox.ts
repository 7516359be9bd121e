import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createClient } from "#cli/client.ts";
import { socketAddress } from "#cli/socket-address.ts";
import { systemClock } from "../../src/server/system.ts";
import { assertSound } from "../support/archive.ts";
import { addMailbox, drainMailbox } from "../support/mailbox.ts";
import { munimentJson, startServer, type TestServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { type MadeContents, type MadeMailbox, madeCount, madeMessage, startMadeMailbox } from "./made-mailbox.ts";

/** What a run over a mailbox of hard work showed. */
export interface HeavyMailboxRun {
  messages: number;
  bytes: number;
  seconds: number;
  restarts: number;
  /** Messages fetched beyond one time each: what a death of the server costs. */
  refetched: number;
  /** Highest resident memory of any of the servers. */
  peakMiB: number;
  /** Octets that the server of one octet a second said meanwhile. */
  trickled: number;
  /** How long the server took to end while a message trickled, in seconds. */
  stopSeconds: number;
}

/**
 * Messages that one death of the server may cost to be fetched again: those whose records were gathered and being written
 * (`recordsAtOnce` and `commitsMax` each), and those on their way (`outstandingMax`).
 */
const refetchedEachMax = 2 * (50 + 64) + 64;

/**
 * Empties a mailbox of `count` small and some large messages through a server that is killed `restarts` times, beside a mailbox
 * at one octet a second, and compares every message by digest. Throws when one is missing, changed, or taken twice; when a death
 * cost more than what was under way; or when the slow mailbox held anything up.
 */
export async function heavyMailboxRun(
  folder: string,
  count: number,
  large: readonly number[],
  restarts: number,
): Promise<HeavyMailboxRun> {
  const contents: MadeContents = { count, large, isTrickling: false };
  const mailbox = await startMadeMailbox(contents);
  const slow = await startMadeMailbox({ count: 3, large: [], isTrickling: true });
  try {
    return await emptied(folder, contents, mailbox, slow, restarts);
  } finally {
    await Promise.all([mailbox.stop(), slow.stop()]);
  }
}

async function emptied(
  folder: string,
  contents: MadeContents,
  mailbox: MadeMailbox,
  slow: MadeMailbox,
  restarts: number,
): Promise<HeavyMailboxRun> {
  const data = join(folder, "data");
  const messages = madeCount(contents);
  await munimentJson(["init", "--data", data, "--no-input"]);
  const start = () => startServer(data, "--allow-private-hosts");
  let server: TestServer = await start();
  try {
    await addMailbox(data, { port: slow.port, name: "slow", user: "slow", more: ["--interval", "2s"] });
    while (slow.trickled() === 0) await systemClock.sleep(50);
    const { id } = await addMailbox(data, { port: mailbox.port, more: ["--interval", "2s"] });
    const begunMs = systemClock.elapsedMs();
    let peakBytes = 0;
    for (let kill = 1; kill <= restarts; kill += 1) {
      // In the middle of a session, when what was fetched is on its way to the archive.
      while (mailbox.retrieved() < (messages * kill) / (restarts + 1)) await systemClock.sleep(20);
      peakBytes = Math.max(peakBytes, server.peakBytes());
      await server.kill();
      server = await start();
    }
    const { code, drained } = await drainMailbox(data, id);
    assert.deepEqual([code, drained.left, drained.problem, mailbox.left()], [0, 0, null, 0]);
    const seconds = Math.round((systemClock.elapsedMs() - begunMs) / 1_000);
    peakBytes = Math.max(peakBytes, server.peakBytes());
    const refetched = mailbox.retrieved() - messages;
    assert.ok(refetched <= restarts * refetchedEachMax, `${refetched} messages were fetched again`);
    const status = await settled(data);
    assert.deepEqual([status.received, status.messages], [messages, messages]);
    const bytes = await compare(data, contents);
    await assertSound(data);
    assert.equal(slow.left(), 3, "nothing that did not come whole is deleted");
    const stoppingMs = systemClock.elapsedMs();
    assert.equal(await server.stop(), 0);
    const stopSeconds = Math.round((systemClock.elapsedMs() - stoppingMs) / 1_000);
    const memory = { peakMiB: Math.round(peakBytes / 2 ** 20) };
    return { messages, bytes, seconds, restarts, refetched, ...memory, trickled: slow.trickled(), stopSeconds };
  } finally {
    await server.kill();
  }
}

/** Compares the digests of everything in the archive with those of the mailbox; the octets there are. */
async function compare(data: string, contents: MadeContents): Promise<number> {
  const missing = new Set<string>();
  let bytes = 0;
  for (let number = 1; number <= madeCount(contents); number += 1) {
    const hash = createHash("sha256");
    for (const piece of madeMessage(contents, number)) {
      hash.update(piece);
      bytes += piece.length;
    }
    missing.add(hash.digest("hex"));
  }
  const { signal } = new AbortController();
  const client = createClient({ address: socketAddress(data), tenant: null, signal, reach: async () => undefined });
  try {
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `/messages?limit=200${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: { data: { sha256: string }[]; nextCursor: string | null } = await client.get(path);
      for (const { sha256 } of page.data) assert.ok(missing.delete(sha256), `${sha256} is not one of the mailbox`);
      cursor = page.nextCursor;
    }
  } finally {
    client.close();
  }
  assert.equal(missing.size, 0, "a message of the mailbox is not in the archive");
  return bytes;
}
