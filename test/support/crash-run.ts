import assert from "node:assert/strict";
import { join } from "node:path";
import { exported } from "./archive.ts";
import { seeded, sha256 } from "./bytes.ts";
import { countUnarchived, receiptIn } from "./kill-run.ts";
import { addConnector, munimentJson, startFaultyServer, startServer, type TestServer } from "./server.ts";
import { type Status, settled } from "./settled.ts";
import { SmtpClient } from "./smtp-client.ts";

/** Where the process is stopped: before and after each call on the way from the socket to the search index. */
export const crashPoints = [
  "spool.write",
  "spool.sync",
  "spool.directory-sync",
  "pack.write",
  "pack.sync",
  "pack.name",
  "pack.directory-sync",
  "catalogue.commit",
  "search.commit",
] as const;

/** Whether a point is passed more than once in a batch; an idle machine makes few batches. */
export function isOften(point: (typeof crashPoints)[number]): boolean {
  return point === "spool.write" || point === "spool.sync" || point === "pack.write";
}

/** What one crash showed. */
export interface CrashRun {
  fault: string;
  /** Whether the point was reached, and the process stopped there. */
  isReached: boolean;
  acknowledged: number;
  /** How many of them were not archived when it stopped. */
  unarchived: number;
}

/** Messages of one run: enough for several batches. */
const messagesMax = 120;

async function send(
  port: number,
  name: string,
  next: () => number,
  acknowledged: (digest: string, receipt: string) => void,
): Promise<void> {
  const client = await SmtpClient.open(port).catch(() => undefined);
  try {
    for (let index = 0; client !== undefined && index < messagesMax / 4; index += 1) {
      const body = "a line that fills the message\r\n".repeat(Math.floor(next() ** 3 * 8_000));
      const bytes = Buffer.from(`Subject: ${name} ${index}\r\n\r\n${body}`);
      const reply = await client.send("crash@archive.example", bytes);
      if (reply.startsWith("250")) acknowledged(sha256(bytes), receiptIn(reply));
    }
    await client?.quit();
  } catch {
    client?.destroy();
  }
}

/**
 * Stops the server at `fault` while mail comes in, starts it again without help, and checks that every message answered
 * 250 is there, byte for byte, once.
 *
 * @param archive one of its own, or one that earlier crashes went through
 */
export async function crashRun(
  archive: CrashArchive,
  fault: string,
  seed: number,
  ledger: Set<string>,
): Promise<CrashRun> {
  const next = seeded(seed);
  const receipts = new Set<string>();
  // A fault may strike while the server starts: then it is reached before any mail.
  const server = await startFaultyServer(fault, archive.data).catch(() => undefined);
  if (server === undefined) return { fault, isReached: true, acknowledged: 0, unarchived: 0 };
  const sends = [0, 1, 2, 3].map((session) =>
    send(server.smtpPort, `${fault} ${seed} ${session}`, next, (digest, receipt) => {
      ledger.add(digest);
      receipts.add(receipt);
    }),
  );
  await Promise.all(sends);
  // Either it died on the way, or everything was taken: then the point may still lie ahead, in archive loop or index.
  const isReached = !(await settledOverHttp(server, archive.token));
  await server.kill();
  const { unarchived } = await countUnarchived(archive.data, receipts);
  return { fault, isReached, acknowledged: receipts.size, unarchived };
}

/** Waits until everything is archived and searchable; false when the server is gone before. */
async function settledOverHttp(server: TestServer, token: string): Promise<boolean> {
  for (;;) {
    const answer = await fetch(`http://${server.http}/api/v1/status`, {
      headers: { authorization: `Bearer ${token}` },
    }).catch(() => undefined);
    if (answer === undefined) return false;
    const status = (await answer.json().catch(() => undefined)) as Status | undefined;
    if (status === undefined) return false;
    if (status.processing === 0 && status.searchable === status.messages) return true;
  }
}

/** An archive for crash runs, with a token to ask it. */
export interface CrashArchive {
  data: string;
  token: string;
}

export async function crashArchive(folder: string): Promise<CrashArchive> {
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  await addConnector(data, "standard", "crash@archive.example");
  const { token } = await munimentJson<{ token: string }>(["token", "create", "--data", data, "--role", "admin"]);
  await server.stop();
  return { data, token };
}

/** Starts the server without a fault and compares what it holds with the ledger. */
export async function assertLedger(data: string, folder: string, ledger: ReadonlySet<string>): Promise<void> {
  const server = await startServer(data);
  try {
    const status = await settled(data);
    assert.equal(
      status.received,
      status.archived + status.duplicate + status.quarantined + status.held + status.processing,
    );
    const back = await exported(data, "*", folder);
    assert.deepEqual(
      [...ledger].filter((digest) => !back.has(digest)),
      [],
      "acknowledged and not archived",
    );
  } finally {
    await server.stop();
  }
}
