import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { networkDial, openSession } from "#pop3/index.ts";
import { systemClock } from "../../src/server/system.ts";
import { corpusFiles } from "../corpus.ts";
import { assertSound, exported } from "./archive.ts";
import { sha256 } from "./bytes.ts";
import { type Dovecot, dovecotUser, startDovecot } from "./dovecot.ts";
import { addMailbox, drainMailbox } from "./mailbox.ts";
import { munimentJson, startServer } from "./server.ts";
import { settled } from "./settled.ts";

/** What a run over a large mailbox found. */
export interface MailboxRunFacts {
  messages: number;
  bytes: number;
  seconds: number;
  restarts: number;
  peakMiB: number;
}

const generator = fileURLToPath(new URL("../../../shared/bench/gen-corpus.mjs", import.meta.url));

/**
 * Drains the corpus's folders whose names begin with `prefix`, all when it is empty, and `count` generated messages from Dovecot into an archive whose server is killed `restarts` times on
 * the way, and compares every message with what RETR gave before. Throws when one is missing, changed or taken twice.
 */
export async function mailboxRun(
  folder: string,
  prefix: string,
  count: number,
  restarts: number,
): Promise<MailboxRunFacts> {
  const dovecot = await startDovecot();
  try {
    for (const { bytes } of corpusFiles(prefix)) if (bytes.length > 0) dovecot.deliver([bytes]);
    if (count > 0) for (const bytes of generated(join(folder, "generated"), count)) dovecot.deliver([bytes]);
    return await drained(dovecot, folder, restarts);
  } finally {
    await dovecot.stop();
  }
}

async function drained(dovecot: Dovecot, folder: string, restarts: number): Promise<MailboxRunFacts> {
  const messages = dovecot.count();
  const sent = await digests(dovecot.pop3Port);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data]);
  let server = await startServer(data, "--allow-private-hosts");
  const { id } = await addMailbox(data, { port: dovecot.pop3Port });
  const begunMs = systemClock.elapsedMs();
  let peakBytes = 0;
  for (let kill = 1; kill <= restarts; kill += 1) {
    while (dovecot.count() > messages * (1 - kill / (restarts + 1))) await systemClock.sleep(200);
    peakBytes = Math.max(peakBytes, server.peakBytes());
    await server.kill();
    server = await startServer(data, "--allow-private-hosts");
  }
  try {
    const { code, drained: result } = await drainMailbox(data, id);
    if (code !== 0 || result.left !== 0 || dovecot.count() !== 0)
      throw new Error(`the mailbox is not empty: ${dovecot.count()} left, ${JSON.stringify(result)}`);
    const seconds = (systemClock.elapsedMs() - begunMs) / 1_000;
    peakBytes = Math.max(peakBytes, server.peakBytes());
    const status = await settled(data);
    if (status.received !== messages) throw new Error(`${messages} messages became ${status.received} receipts`);
    const all = await exported(data, "*", join(folder, "out"));
    const missing = [...sent.keys()].filter((digest) => !all.has(digest));
    if (missing.length > 0) throw new Error(`${missing.length} messages are not in the archive, such as ${missing[0]}`);
    if (all.size !== sent.size) throw new Error(`the archive has ${all.size} messages, the mailbox had ${sent.size}`);
    await assertSound(data);
    const bytes = [...sent.values()].reduce((sum, size) => sum + size, 0);
    return { messages, bytes, seconds: Math.round(seconds), restarts, peakMiB: Math.round(peakBytes / 2 ** 20) };
  } finally {
    await server.stop();
  }
}

/** Digest and size of every message as RETR gives it, by a session that deletes nothing. */
async function digests(port: number): Promise<Map<string, number>> {
  const session = await openSession(
    {
      ...{
        host: "127.0.0.1",
        port,
        tls: "none",
        verify: { kind: "strict" },
        secrets: "clear",
        addresses: { kind: "any" },
      },
      login: { kind: "password", mechanism: "best", ...dovecotUser },
    },
    { dial: networkDial(), clock: systemClock },
    new AbortController().signal,
  );
  const found = new Map<string, number>();
  for (const { number } of (await session.listing()).messages) {
    const pieces: Buffer[] = [];
    await session.retrieve(number, (piece) => void pieces.push(Buffer.from(piece)));
    const bytes = Buffer.concat(pieces);
    found.set(sha256(bytes), bytes.length);
  }
  await session.quit();
  return found;
}

function* generated(folder: string, count: number): Generator<Buffer> {
  execFileSync(process.execPath, [generator, folder, String(count)], { stdio: "ignore" });
  const pack = readFileSync(join(folder, "pack.bin"));
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as [number, number][];
  for (const [offset, length] of index) yield pack.subarray(offset, offset + length);
}
