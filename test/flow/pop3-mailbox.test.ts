import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { networkDial, openSession, type Pop3Server } from "#pop3/index.ts";
import { systemClock } from "../../src/server/system.ts";
import { corpusFiles } from "../corpus.ts";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { dovecotUser, testDovecot } from "../support/dovecot.ts";
import { testFolder } from "../support/folder.ts";
import { addMailbox, drainMailbox, mailOf } from "../support/mailbox.ts";
import { mailboxRun } from "../support/mailbox-run.ts";
import { muniment, munimentJson, startServer, type TestServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";

interface Listed {
  id: string;
  hostname: string;
  transport: string;
  pop3MailboxQueue: number | null;
  pop3MailboxQueueAt: string | null;
  status: string;
  statusReason: string;
  pop3: Record<string, unknown> | null;
  mailbox: { nextRunAt: string | null; failures: number; problem: { code: string } | null } | null;
}

async function listed(data: string, id: string): Promise<Listed> {
  const all = await munimentJson<Listed[]>(["connectors", "list", "--data", data]);
  const found = all.find((one) => one.id === id);
  assert.ok(found !== undefined);
  return found;
}

async function server(context: Parameters<typeof testFolder>[0], ...more: string[]) {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data]);
  const running: TestServer = await startServer(data, ...more);
  context.after(() => running.stop());
  return { data, running };
}

/** Every file of the data folder in which `secret` stands. */
function filesWith(folder: string, secret: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path) && readFileSync(path).includes(secret));
}

test("a mailbox is emptied into the archive through the running server, byte for byte, and its secrets stay sealed", async (context) => {
  const dovecot = await testDovecot(context);
  const { data, running } = await server(context, "--allow-private-hosts");
  const files = [...corpusFiles("mime-")].filter(({ bytes }) => bytes.length > 0).slice(0, 300);
  // Maildir holds lines that end in LF; what RETR gives of them is the same with CRLF.
  const sent = Array.from({ length: 100 }, (_, number) => mailOf(`ordinary ${number}`, 1_000));
  dovecot.deliver([...sent, ...files.map(({ bytes }) => bytes)]);
  const secret = "a long and telling passphrase";
  const { id, hostname } = await addMailbox(data, { port: dovecot.pop3Port });
  assert.equal(hostname, `127.0.0.1:${dovecot.pop3Port}`);
  const { code, drained } = await drainMailbox(data, id);
  assert.equal(code, 0);
  assert.deepEqual([drained.failed, drained.left, drained.problem], [0, 0, null]);
  assert.equal(dovecot.count(), 0);
  const status = await settled(data);
  assert.equal(status.received, sent.length + files.length);
  const all = await exported(data, "*", join(data, "..", "out"));
  for (const bytes of sent) assert.ok(all.has(sha256(bytes)), "a message is not the one that was delivered");
  await assertSound(data);
  const { pop3MailboxQueue, pop3MailboxQueueAt, status: word, pop3, mailbox } = await listed(data, id);
  assert.deepEqual([pop3MailboxQueue, word], [0, "running"]);
  assert.ok(pop3MailboxQueueAt !== null && mailbox?.nextRunAt != null);
  assert.deepEqual(Object.keys(pop3 ?? {}).sort(), [
    ...["host", "intervalSeconds", "keepDays", "oauth", "port", "tls", "user", "verify"],
  ]);
  // A password that can be told from other bytes: nothing of it is on disk or in what the server says.
  await addMailbox(data, { port: dovecot.pop3Port, name: "second", password: secret });
  assert.deepEqual(filesWith(data, secret), []);
  assert.ok(!running.stderr().includes(secret) && !running.stderr().includes(dovecotUser.password));
});

test("a mailbox on this machine is refused unless the installation allows it", async (context) => {
  const dovecot = await testDovecot(context);
  const { data } = await server(context);
  dovecot.deliver([mailOf("stays")]);
  const { id } = await addMailbox(data, { port: dovecot.pop3Port });
  const { code, drained } = await drainMailbox(data, id);
  assert.equal(code, 1);
  assert.equal(drained.problem?.code, "POP3-ADDRESS-REFUSED");
  assert.match(drained.problem?.words ?? "", /127\.0\.0\.1 is 127\.0\.0\.1, which is a loopback address/);
  const { status, statusReason } = await listed(data, id);
  assert.equal(status, "error");
  assert.match(statusReason, /loopback/);
  assert.equal(dovecot.count(), 1);
});

test("a wrong password is an error at once, is not hammered, and a new one is tried at once", async (context) => {
  const dovecot = await testDovecot(context);
  const { data } = await server(context, "--allow-private-hosts");
  dovecot.deliver([mailOf("waits for the right password")]);
  const { id } = await addMailbox(data, { port: dovecot.pop3Port, password: "wrong one" });
  assert.equal((await drainMailbox(data, id)).drained.problem?.code, "POP3-AUTH");
  const before = await listed(data, id);
  assert.equal(before.status, "error");
  assert.match(before.statusReason, /credentials|login/);
  const waitMs = Date.parse(before.mailbox?.nextRunAt ?? "") - Date.now();
  assert.ok(waitMs > 14 * 60_000, "a rejected login is tried again a quarter of an hour later");
  const edited = await muniment(
    ["connectors", "edit", id, "--data", data, "--password-stdin", "--json"],
    `${dovecotUser.password}\n`,
  );
  assert.equal(edited.code, 0, edited.stderr);
  assert.equal((await drainMailbox(data, id)).drained.problem, null);
  assert.equal((await settled(data)).archived, 1);
  assert.equal((await listed(data, id)).status, "running");
  const moved = await muniment(["connectors", "edit", id, "--data", data, "--host", "elsewhere.example", "--json"]);
  assert.equal(moved.code, 2);
  assert.match(moved.stdout.toString(), /CON-MAILBOX/);
});

interface Tested {
  grade: string;
  passed: boolean;
  steps: { name: string; ok: boolean; evidence: string[] }[];
  changed: string[];
  deleted: number;
  transcript: { from: string; text: string }[];
}

async function tested(data: string, id: string): Promise<{ code: number | null; report: Tested }> {
  const { code, stdout } = await muniment(["connectors", "test", id, "--data", data, "--json"]);
  return { code, report: JSON.parse(stdout.toString()) as Tested };
}

/** LIST and UIDL as the server gives them to a session of its own. */
async function listing(port: number): Promise<string> {
  const server: Pop3Server = {
    ...{
      host: "127.0.0.1",
      port,
      tls: "none",
      verify: { kind: "strict" },
      secrets: "clear",
      addresses: { kind: "any" },
    },
    login: { kind: "password", mechanism: "best", ...dovecotUser },
  };
  const parts = { dial: networkDial(), clock: systemClock };
  const session = await openSession(server, parts, new AbortController().signal);
  const found = await session.listing();
  await session.quit();
  return JSON.stringify(found);
}

test("Test Journal Extraction walks all steps of a real mailbox, deletes nothing, and works beside a drain of it", async (context) => {
  const dovecot = await testDovecot(context);
  const { data } = await server(context, "--allow-private-hosts");
  dovecot.deliver(Array.from({ length: 300 }, (_, number) => mailOf(`tested ${number}`, 20_000)));
  const before = await listing(dovecot.pop3Port);
  const { id } = await addMailbox(data, { port: dovecot.pop3Port, more: ["--keep"] });
  await drainMailbox(data, id);
  const alone = await tested(data, id);
  assert.deepEqual(
    alone.report.steps.filter(({ ok }) => !ok),
    [],
  );
  assert.deepEqual([alone.code, alone.report.passed, alone.report.deleted, alone.report.grade], [0, true, 0, "D"]);
  assert.equal(alone.report.steps.length, 11);
  assert.equal(await listing(dovecot.pop3Port), before);
  const said = alone.report.transcript.filter(({ from }) => from === "C").map(({ text }) => text);
  assert.ok(said.includes("DELE 1") && said.indexOf("RSET") > said.indexOf("DELE 1"));
  const edited = await muniment(["connectors", "edit", id, "--data", data, "--keep-days", "0", "--json"]);
  assert.equal(edited.code, 0, edited.stderr);
  // The new settings begin a drain at once, which makes room for the test and is done afterwards.
  const beside = await tested(data, id);
  assert.equal(beside.report.passed, true, JSON.stringify(beside.report.steps));
  assert.ok(beside.report.changed.some((change) => change.startsWith("our settings: ")));
  const { drained } = await drainMailbox(data, id);
  assert.deepEqual([drained.left, drained.problem], [0, null]);
  assert.equal((await settled(data)).received, 300);
  assert.equal(dovecot.count(), 0);
});

test("what a mailbox was taken to is remembered over a restart: state, history, and what is kept on the server", async (context) => {
  const dovecot = await testDovecot(context);
  const { data, running } = await server(context, "--allow-private-hosts");
  dovecot.deliver(Array.from({ length: 20 }, (_, number) => mailOf(`kept ${number}`)));
  const { id } = await addMailbox(data, { port: dovecot.pop3Port, more: ["--keep"] });
  const first = (await drainMailbox(data, id)).drained;
  assert.deepEqual([first.left, first.problem], [20, null]);
  assert.equal((await settled(data)).archived, 20);
  await running.stop();
  const again = await startServer(data, "--allow-private-hosts");
  context.after(() => again.stop());
  const second = (await drainMailbox(data, id)).drained;
  assert.deepEqual([second.archived, second.duplicate, second.left], [0, 0, 20]);
  assert.equal((await settled(data)).received, 20);
  assert.equal((await listed(data, id)).pop3MailboxQueue, 20);
});

test("corpus and generated mail are emptied out of Dovecot over a death of the server, byte for byte what RETR gives", async (context) => {
  const run = await mailboxRun(testFolder(context), "mime-m", 300, 1);
  assert.ok(run.messages > 400, `${run.messages} messages`);
});
