import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DrainLimits,
  type DrainResult,
  drainMailbox,
  networkDial,
  openSession,
  type Pop3Server,
  type Pop3Session,
  type Retention,
} from "#pop3/index.ts";
import { systemClock } from "../../src/server/system.ts";
import { corpusFiles } from "../corpus.ts";
import { sha256 } from "../support/bytes.ts";
import { testCuttingProxy } from "../support/cutting-proxy.ts";
import { dovecotUser, testDovecot } from "../support/dovecot.ts";
import { type TestArchive, testArchive } from "./test-archive.ts";

/** How the tests meet a server on loopback in clear. */
function clearServer(port: number): Pop3Server {
  return {
    host: "127.0.0.1",
    port,
    tls: "none",
    verify: { kind: "strict" },
    secrets: "clear",
    login: { kind: "password", mechanism: "best", ...dovecotUser },
    addresses: { kind: "public", allowed: ["127.0.0.0/8"] },
  };
}

const never = new AbortController().signal;

function openClear(port: number): Promise<Pop3Session> {
  return openSession(clearServer(port), { dial: networkDial(), clock: systemClock }, never);
}

function drain(
  archive: TestArchive,
  port: number,
  more: { retention?: Retention; limits?: Partial<DrainLimits> } = {},
): Promise<DrainResult> {
  const retention = more.retention ?? ({ kind: "delete" } as const);
  const limits = more.limits ?? {};
  return drainMailbox({ ...archive.parts, open: () => openClear(port), retention, limits }, never);
}

/** What RETR gives of every message, by a session of its own that deletes nothing. */
async function retrieved(port: number): Promise<Buffer[]> {
  const session = await openClear(port);
  const { messages } = await session.listing();
  const all: Buffer[] = [];
  for (const { number } of messages) {
    const pieces: Buffer[] = [];
    await session.retrieve(number, (piece) => void pieces.push(Buffer.from(piece)));
    all.push(Buffer.concat(pieces));
  }
  await session.quit();
  return all;
}

function mail(subject: string, bytes = 200): Buffer {
  const head = `From: a@test.example\r\nTo: j@archive.example\r\nSubject: ${subject}\r\n\r\n`;
  return Buffer.from(`${head}${".a line that begins with a dot\r\n".repeat(Math.ceil(bytes / 32))}`);
}

/** Nothing is gone that is not archived, and nothing archived twice. */
async function assertNothingLost(archive: TestArchive, sent: readonly Buffer[], left: number): Promise<void> {
  const contents = await archive.contents();
  const missing = sent.filter((bytes) => !contents.has(sha256(bytes) as never));
  assert.ok(
    missing.length <= left,
    `${missing.length} messages are neither in the archive nor in the mailbox (${left})`,
  );
  for (const [digest, { receipts }] of contents) assert.equal(receipts, 1, `${digest} was taken ${receipts} times`);
}

test("a mailbox with the corpus is emptied into the archive, byte for byte what RETR gives", async (context) => {
  const dovecot = await testDovecot(context);
  const archive = await testArchive(context);
  const files = [...corpusFiles("mime-")].filter(({ bytes }) => bytes.length > 0);
  dovecot.deliver(files.map(({ bytes }) => bytes));
  const sent = await retrieved(dovecot.pop3Port);
  assert.equal(sent.length, files.length);
  const result = await drain(archive, dovecot.pop3Port, { limits: { sessionMessagesMax: 400 } });
  assert.equal(result.problem, null);
  const { seen, archived, duplicate, quarantined, held, failed, left } = result;
  assert.equal(archived + duplicate + quarantined + held, files.length);
  assert.deepEqual([seen, quarantined, held, failed, left], [files.length, 0, 0, 0, 0]);
  assert.equal(dovecot.count(), 0);
  const contents = await archive.contents();
  assert.deepEqual(new Set(contents.keys()), new Set(sent.map(sha256)));
  for (const bytes of sent) assert.ok(contents.get(sha256(bytes) as never)?.bytes.equals(bytes));
  assert.ok(result.sessions >= 4, "deletions are committed by many short sessions");
  // The memory holds what was deleted until the next listing tells that it is gone.
  assert.equal((await drain(archive, dovecot.pop3Port)).seen, 0);
});
