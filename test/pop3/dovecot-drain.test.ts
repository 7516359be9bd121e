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
import { type Cut, testCuttingProxy } from "../support/cutting-proxy.ts";
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

test("a connection cut at each sixteenth of a RETR loses nothing and takes nothing twice", async (context) => {
  const dovecot = await testDovecot(context);
  const archive = await testArchive(context);
  const proxy = await testCuttingProxy(context, dovecot.pop3Port);
  const size = 64_000;
  const sent: Buffer[] = [];
  for (let sixteenth = 1; sixteenth <= 16; sixteenth += 1) {
    const messages = [mail(`first ${sixteenth}`, size), mail(`second ${sixteenth}`, 500)];
    dovecot.deliver(messages);
    sent.push(...messages);
    // What comes before the first octet of the message is some 400 octets; the exact place matters little.
    proxy.cutAt({ kind: "after-server-octets", octets: 400 + Math.round((size * sixteenth) / 16) });
    const result = await drain(archive, proxy.port);
    assert.ok(proxy.hasCut, `cut ${sixteenth}`);
    assert.deepEqual([result.problem, result.left, result.failed], [null, 0, 0], `cut ${sixteenth}`);
    assert.equal(dovecot.count(), 0);
    await assertNothingLost(archive, sent, 0);
  }
});

const cutsAtCommands: Cut[] = ["CAPA", "USER", "AUTH", "STAT", "LIST", "UIDL", "RETR", "DELE", "QUIT"].flatMap(
  (text) => [
    { kind: "before-client-says" as const, text },
    { kind: "before-answer-to" as const, text },
  ],
);

test("a connection cut before or after any command loses nothing and takes nothing twice", async (context) => {
  const dovecot = await testDovecot(context);
  const archive = await testArchive(context);
  const proxy = await testCuttingProxy(context, dovecot.pop3Port);
  const sent: Buffer[] = [];
  for (const cut of cutsAtCommands) {
    const messages = [1, 2, 3].map((number) => mail(`${cut.kind} ${"text" in cut ? cut.text : ""} ${number}`, 2_000));
    dovecot.deliver(messages);
    sent.push(...messages);
    proxy.cutAt(cut);
    const first = await drain(archive, proxy.port);
    const place = `${cut.kind} ${"text" in cut ? cut.text : ""}: ${JSON.stringify(first.problem)}`;
    await assertNothingLost(archive, sent, dovecot.count());
    proxy.cutAt(null);
    const second = await drain(archive, proxy.port);
    assert.deepEqual([second.problem, second.left, second.failed], [null, 0, 0], place);
    assert.equal(dovecot.count(), 0, place);
    await assertNothingLost(archive, sent, 0);
  }
});

test("after QUIT whose answer was lost, a message that is still there is deleted and not fetched again", async (context) => {
  const dovecot = await testDovecot(context);
  const archive = await testArchive(context);
  const proxy = await testCuttingProxy(context, dovecot.pop3Port);
  dovecot.deliver([mail("kept by a cut", 500)]);
  proxy.cutAt({ kind: "before-client-says", text: "QUIT" });
  const limits = { fruitlessSessionsMax: 1 };
  const cut = await drain(archive, proxy.port, { limits });
  assert.ok(proxy.hasCut);
  assert.equal(cut.archived, 1);
  const octets = proxy.serverOctets;
  const again = await drain(archive, proxy.port);
  assert.equal(dovecot.count(), 0);
  assert.deepEqual([again.archived, again.duplicate, again.left], [0, 0, 0]);
  assert.ok(proxy.serverOctets - octets < 5_000);
  await assertNothingLost(archive, [], 0);
});

test("a mailbox rebuilt under new ids is known by its content", async (context) => {
  const dovecot = await testDovecot(context);
  const archive = await testArchive(context);
  dovecot.deliver(Array.from({ length: 20 }, (_, number) => mail(`renamed ${number}`, 300)));
  const first = await drain(archive, dovecot.pop3Port, { retention: { kind: "keep" } });
  assert.deepEqual([first.archived, first.left, first.deleted], [20, 20, 0]);
  const nothing = await drain(archive, dovecot.pop3Port, { retention: { kind: "keep" } });
  assert.deepEqual([nothing.seen, nothing.archived, nothing.left], [20, 0, 20]);
  dovecot.renameAll();
  const second = await drain(archive, dovecot.pop3Port);
  assert.deepEqual([second.renamed, second.archived, second.left, second.problem], [20, 0, 0, null]);
  assert.equal(dovecot.count(), 0);
  await assertNothingLost(archive, [], 0);
});

test("while the archive takes nothing, everything is fetched and nothing deleted; the next run deletes", async (context) => {
  const dovecot = await testDovecot(context);
  const archive = await testArchive(context);
  dovecot.deliver(Array.from({ length: 30 }, (_, number) => mail(`held back ${number}`, 300)));
  archive.hold(true);
  const first = await drain(archive, dovecot.pop3Port, { limits: { sessionMessagesMax: 10, archiveWaitMs: 50 } });
  assert.deepEqual([first.problem, first.left], [{ kind: "archive-slow", waiting: 30 }, 30]);
  assert.equal([...archive.spool.waiting()].length, 30);
  archive.hold(false);
  while ([...archive.spool.waiting()].length > 0) await archive.parts.archive.changed(AbortSignal.timeout(50));
  const second = await drain(archive, dovecot.pop3Port);
  assert.deepEqual([second.problem, second.left, second.deleted], [null, 0, 30]);
  assert.equal(dovecot.count(), 0);
  await assertNothingLost(archive, [], 0);
});
