import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { type MailboxTestParts, type StepReport, type TestReport, testMailbox } from "#extraction/index.ts";
import { mailboxSteps } from "#extraction/report.ts";
import type { MailboxUnderTest } from "#extraction/test-mailbox.ts";
import { networkDial, type Pop3Server, RecordTable, resolveHost } from "#pop3/index.ts";
import { systemClock, systemEntropy } from "../../src/server/system.ts";
import { testFolder } from "../support/folder.ts";
import { createAuthority } from "./certificates.ts";
import { type Misdeed, type ScriptServer, testScriptServer } from "./script-server.ts";

const never = new AbortController().signal;

const scratch: MailboxTestParts["scratch"] = {
  refusal: () => null,
  bytes: (count) => systemEntropy.bytes(count),
  through: async (bytes) => Uint8Array.from(bytes),
  freeBytes: async () => 2 ** 40,
};

function serverOf(port: number, more: Partial<Pop3Server> = {}): Pop3Server {
  return {
    ...{
      host: "127.0.0.1",
      port,
      tls: "none",
      verify: { kind: "strict" },
      secrets: "clear",
      addresses: { kind: "any" },
    },
    login: { kind: "password", mechanism: "user", user: "u1", password: "a telling password" },
    ...more,
  };
}

function mail(subject: string, date = new Date()): Buffer {
  return Buffer.from(
    `From: a@test.example\r\nTo: j@archive.example\r\nSubject: ${subject}\r\nDate: ${date.toUTCString()}\r\n\r\nText.\r\n`,
  );
}

async function mailbox(context: TestContext): Promise<ScriptServer> {
  const script = await testScriptServer(context);
  script.messages = [1, 2, 3].map((number) => ({ uidl: `id${number}`, bytes: mail(`telling subject ${number}`) }));
  return script;
}

interface Wish {
  server?: Partial<Pop3Server>;
  mailbox?: Partial<MailboxUnderTest>;
  parts?: Partial<MailboxTestParts>;
}

async function tested(port: number, wish: Wish = {}): Promise<{ report: TestReport; told: StepReport[] }> {
  const told: StepReport[] = [];
  const under: MailboxUnderTest = {
    ...{ server: serverOf(port, wish.server), version: 1, type: "standard", maxAgeDays: 30, keeps: false },
    ...{ messageBytesMax: 1_000_000, known: new RecordTable() },
    ...wish.mailbox,
  };
  const parts: MailboxTestParts = {
    ...{ dial: networkDial(), clock: systemClock, scratch, lastPassed: null },
    resolve: (host) => resolveHost(host, never),
    ...wish.parts,
  };
  const report = await testMailbox(under, parts, (step) => told.push(step), never);
  assert.deepEqual(new Set(told.map(({ name }) => name)), new Set(mailboxSteps), "each step is told");
  assert.equal(told.length, mailboxSteps.length, "each step is told once");
  return { report, told };
}

/** The step that failed, when it is the only one; those behind it were not run. */
function failureOf({ steps }: TestReport): StepReport {
  const failed = steps.filter(({ state }) => state === "failed");
  assert.equal(failed.length, 1, JSON.stringify(failed));
  return failed[0]!;
}

test("a good mailbox passes every step, and its messages and ids are the same before and after", async (context) => {
  const script = await mailbox(context);
  const listed = () => script.messages.map(({ uidl, bytes }) => [uidl, bytes.toString()]);
  const before = listed();
  const { report } = await tested(script.port);
  assert.deepEqual(
    report.steps.map(({ name, number, ok }) => [name, number, ok]),
    mailboxSteps.map((name, at) => [name, at + 1, true]),
  );
  assert.equal(report.grade, "D", "no TLS caps at D");
  assert.equal(report.deleted, 0);
  assert.deepEqual(listed(), before);
  const said = report.transcript.filter(({ from }) => from === "C").map(({ text }) => text);
  assert.ok(said.indexOf("DELE 1") >= 0 && said.indexOf("RSET") > said.indexOf("DELE 1"));
  assert.ok(said.indexOf("QUIT") > said.indexOf("RSET"));
  const shared = JSON.stringify(report);
  assert.ok(!shared.includes("a telling password") && !shared.includes("telling subject"));
});

const answers =
  (verb: string, bytes: string) =>
  (said: string): Misdeed | null =>
    said === verb ? { kind: "say", bytes } : null;

const failures: [string, StepReport["name"], RegExp, (script: ScriptServer) => Wish | undefined][] = [
  ["a name that is nowhere", "dns", /cannot be resolved/, () => ({ server: { host: "nowhere.invalid" } })],
  [
    "an address that connectors may not reach",
    "dns",
    /loopback/,
    () => ({ server: { addresses: { kind: "public", allowed: [] } } }),
  ],
  ["a port where nobody listens", "tcp", /ECONNREFUSED/, () => ({ server: { port: 1 } })],
  [
    "a server without TLS",
    "tls",
    /handshake-failed|not trusted/,
    () => ({ server: { tls: "implicit", secrets: "verified" } }),
  ],
  ["STLS that is not offered", "tls", /no STLS/, () => ({ server: { tls: "starttls", secrets: "verified" } })],
  [
    "a greeting of another protocol",
    "greeting",
    /protocol/,
    (script) => {
      script.greeting = "220 smtp.example ESMTP\r\n";
      return undefined;
    },
  ],
  [
    "a wrong password",
    "login",
    /refuses these credentials.*no such pair/,
    (script) => {
      script.misdeed = answers("PASS", "-ERR [AUTH] no such pair\r\n");
      return undefined;
    },
  ],
  [
    "a mailbox that is open elsewhere",
    "login",
    /another session/,
    (script) => {
      script.misdeed = answers("PASS", "-ERR [IN-USE] locked\r\n");
      return undefined;
    },
  ],
  [
    "a refused LIST",
    "list",
    /refused LIST/,
    (script) => {
      script.misdeed = answers("LIST", "-ERR no\r\n");
      return undefined;
    },
  ],
  [
    "LIST and STAT that do not agree",
    "list",
    /LIST names 3/,
    (script) => {
      script.misdeed = answers("STAT", "+OK 7 700\r\n");
      return undefined;
    },
  ],
  [
    "mail that is to stay without ids",
    "list",
    /missing/,
    (script) => {
      script.misdeed = answers("UIDL", "-ERR no\r\n");
      return { mailbox: { keeps: true } };
    },
  ],
  [
    "a message that cannot be fetched",
    "sample",
    /passing trouble at RETR 1/,
    (script) => {
      script.misdeed = answers("RETR", "-ERR [SYS/TEMP] later\r\n");
      return undefined;
    },
  ],
  ["plain mail at a connector for reports", "type", /0 of 2 samples/, () => ({ mailbox: { type: "eej" } })],
  [
    "mail older than the limit",
    "age",
    /limit 30 days/,
    (script) => {
      script.messages[0]!.bytes = mail("old", new Date(Date.now() - 31 * 86_400_000));
      return undefined;
    },
  ],
  [
    "mail from the future",
    "age",
    /4320 minutes ahead/,
    (script) => {
      script.messages[0]!.bytes = mail("early", new Date(Date.now() + 3 * 86_400_000));
      return undefined;
    },
  ],
  [
    "a refused DELE",
    "delete",
    /refused DELE 1/,
    (script) => {
      script.misdeed = answers("DELE", "-ERR read only\r\n");
      return undefined;
    },
  ],
  [
    "a full spool",
    "write",
    /the spool is full/,
    () => ({ parts: { scratch: { ...scratch, refusal: () => "the spool is full" } } }),
  ],
  [
    "a disk that gives back other bytes",
    "write",
    /came back changed/,
    () => ({ parts: { scratch: { ...scratch, through: async (bytes) => Uint8Array.from(bytes).reverse() } } }),
  ],
];
for (const [name, step, words, arrange] of failures) {
  test(`${name} fails at ${step}, in its own words, with what it means and what to do`, async (context) => {
    const script = await mailbox(context);
    const before = structuredClone(script.messages.map(({ uidl }) => uidl));
    const wish = arrange(script) ?? {};
    const { report } = await tested(script.port, wish);
    const failed = failureOf(report);
    assert.equal(failed.name, step, JSON.stringify(report.steps));
    assert.match(failed.evidence.join("; "), words);
    assert.ok(failed.meaning !== "");
    assert.equal(report.passed, false);
    assert.deepEqual(
      script.messages.map(({ uidl }) => uidl),
      before,
    );
    if (failed.fix !== "") assert.ok(report.letter.includes(failed.fix));
  });
}

test("the age of mail is told as a histogram of the whole mailbox, with what is over the limit", async (context) => {
  const script = await mailbox(context);
  const days = [0, 0, 3, 20, 100, 400];
  script.messages = days.map((age, at) => ({
    uidl: `id${at}`,
    bytes: mail(`of ${age} days`, new Date(Date.now() - age * 86_400_000 - 3_600_000)),
  }));
  const { report } = await tested(script.port, { mailbox: { maxAgeDays: 30 } });
  const age = failureOf(report);
  assert.equal(age.name, "age");
  assert.deepEqual(age.evidence, [
    "6 looked at: 2 up to a day, 1 up to a week, 1 up to 30 days, 1 up to a year, 1 older",
    "the oldest 400 days old",
    "limit 30 days, 2 over it",
  ]);
  script.capabilities = ["USER", "UIDL"];
  const { report: without } = await tested(script.port, { mailbox: { maxAgeDays: null } });
  const few = without.steps.find(({ name }) => name === "age");
  assert.match(
    few?.evidence.join("; ") ?? "",
    /^3 looked at: 1 up to a day, 1 up to a year, 1 older; the oldest 400 days old; no limit$/,
  );
});

test("of a large mailbox the ages of some two hundred messages are looked at, oldest and newest among them", async (context) => {
  const script = await mailbox(context);
  script.messages = Array.from({ length: 1_000 }, (_, at) => ({ uidl: `id${at}`, bytes: mail(`${at}`) }));
  const { report } = await tested(script.port);
  const age = report.steps.find(({ name }) => name === "age");
  assert.equal(age?.evidence[0], "200 looked at: 200 up to a day");
  const asked = new Set(script.heard.filter((line) => line.startsWith("TOP ")));
  assert.deepEqual([asked.size, asked.has("TOP 1 0"), asked.has("TOP 1000 0")], [200, true, true]);
});

test("certificates that are expired, for another name or by nobody are told apart", async (context) => {
  const certificates = createAuthority(testFolder(context));
  const faults = [
    ["expired", certificates.issue(["localhost"], "expired"), /expired/],
    ["wrong-name", certificates.issue(["other.example"], "valid"), /another name/],
  ] as const;
  for (const [fault, certificate, words] of faults) {
    const script = await testScriptServer(context, { when: "implicit", context: certificate });
    const { report } = await tested(script.port, {
      server: { host: "localhost", tls: "implicit", secrets: "verified" },
      parts: { dial: networkDial([certificates.cert]) },
    });
    const failed = failureOf(report);
    assert.equal(failed.name, "tls", fault);
    assert.match(failed.meaning, words);
  }
});

test("a second test says what changed since the last that passed, and nothing when nothing did", async (context) => {
  const script = await mailbox(context);
  const { report: first } = await tested(script.port);
  const { report: same } = await tested(script.port, { parts: { lastPassed: first } });
  assert.deepEqual([same.changed, same.comparedWith], [[], first.at]);
  script.greeting = "+OK another server\r\n";
  script.messages.pop();
  const { report: other } = await tested(script.port, { parts: { lastPassed: first }, mailbox: { version: 2 } });
  assert.deepEqual(other.changed, [
    "our settings: version 1 → version 2",
    "banner: +OK script → +OK another server",
    "mailbox: 3 messages → 2 messages",
  ]);
});

test("an empty mailbox passes, and a report at a standard connector does not", async (context) => {
  const script = await mailbox(context);
  script.messages = [];
  assert.equal((await tested(script.port)).report.passed, true);
  const report = readFileSync(new URL("../../fixtures/journal/exchange/bcc-only.eml", import.meta.url));
  script.messages = [{ uidl: "r", bytes: report }];
  const { report: told } = await tested(script.port, { mailbox: { maxAgeDays: null } });
  assert.deepEqual([failureOf(told).name, failureOf(told).grade], ["type", "C"]);
  assert.equal((await tested(script.port, { mailbox: { type: "eej", maxAgeDays: null } })).report.passed, true);
});
