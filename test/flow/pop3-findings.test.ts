import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createAuthority, selfSigned } from "../pop3/certificates.ts";
import { type Misdeed, type ScriptServer, testScriptServer } from "../pop3/script-server.ts";
import { testFolder } from "../support/folder.ts";
import { mailOf } from "../support/mailbox.ts";
import { type MailboxArchive, testMailboxArchive } from "../support/mailbox-archive.ts";
import { muniment } from "../support/server.ts";

interface Step {
  name: string;
  state: string;
  evidence: string[];
  meaning: string;
}

const password = "a telling password";
let mailboxes = 0;

/** A connector for the scripted server, switched off: a test of it works all the same, and no drain comes between. */
async function mailbox({ client }: MailboxArchive, port: number, more: object = {}): Promise<string> {
  mailboxes += 1;
  const pop3 = { host: "127.0.0.1", port, tls: "none", user: "u1", password, keepDays: null, ...more };
  const place = { description: `mailbox ${mailboxes}`, journalEmailAddress: `m${mailboxes}@archive.example` };
  const added = { ...place, transport: "pop3", type: "standard", maxAgeDays: null, pop3 };
  const { id } = await client.send<{ id: string }>("POST", "/connectors", added);
  await enable(client, id, false);
  return id;
}

async function enable(client: MailboxArchive["client"], id: string, enabled: boolean): Promise<void> {
  const { version } = await client.get<{ version: number }>(`/connectors/${id}`);
  await client.send("PATCH", `/connectors/${id}`, { enabled }, { "if-match": String(version) });
}

/** Drains it once, so that its messages are known. */
async function know(archive: MailboxArchive, id: string): Promise<void> {
  await enable(archive.client, id, true);
  assert.equal((await archive.drain(id)).problem, null);
  await enable(archive.client, id, false);
}

/** The step of that name in `connectors test --json`, after the same words were found on the screen. */
async function finding({ data }: MailboxArchive, id: string, name: string, words: RegExp): Promise<Step> {
  const screen = await muniment(["connectors", "test", id, "--data", data]);
  assert.match(screen.stdout.toString(), words);
  const json = await muniment(["connectors", "test", id, "--data", data, "--json"]);
  const report = JSON.parse(json.stdout.toString()) as { steps: Step[]; passed: boolean };
  assert.equal(json.code, report.passed ? 0 : 1, json.stderr);
  const step = report.steps.find((one) => one.name === name);
  assert.ok(step !== undefined);
  assert.match([...step.evidence, step.meaning].join("; "), words);
  for (const said of [screen.stdout.toString(), json.stdout.toString()]) assert.ok(!said.includes(password));
  return step;
}

const say =
  (verb: string, bytes: string | Buffer, kind: "say" | "say-and-close" = "say") =>
  (said: string): Misdeed | null =>
    said === verb ? { kind, bytes } : null;

interface Oddity {
  what: string;
  step: string;
  state: "warned" | "failed";
  words: RegExp;
  /** Before anything is known of the mailbox. */
  arrange?: (script: ScriptServer) => void;
  /** After it was drained once, its mail kept on the server. */
  after?: (script: ScriptServer) => void;
}

const oddities: Oddity[] = [
  {
    ...{
      what: "UIDL is refused",
      step: "list",
      state: "failed",
      words: /2 of 2 messages have no id.*cannot be told apart/s,
    },
    arrange: (script) => {
      script.misdeed = say("UIDL", "-ERR what\r\n");
    },
  },
  {
    ...{
      what: "two messages share an id",
      step: "list",
      state: "failed",
      words: /2 messages have an id that another has too/,
    },
    arrange: (script) => {
      for (const message of script.messages) message.uidl = "same";
    },
  },
  {
    ...{
      what: "all ids changed",
      step: "list",
      state: "warned",
      words: /All ids have changed: the mailbox was rebuilt/,
    },
    after: (script) => {
      for (const message of script.messages) message.uidl = `new-${message.uidl}`;
    },
  },
  {
    ...{ what: "an id came again for another message", step: "list", state: "warned", words: /Ids are used again/ },
    after: (script) => {
      script.messages[0]!.bytes = mailOf("another, and longer", 900);
    },
  },
  {
    ...{
      what: "RETR gives less than LIST says",
      step: "sample",
      state: "warned",
      words: /RETR gives fewer octets than LIST/,
    },
    arrange: (script) => {
      script.messages[0]!.listBytes = 5_000;
    },
  },
  {
    ...{
      what: "RETR gives more than LIST says",
      step: "sample",
      state: "warned",
      words: /RETR gives more octets than LIST/,
    },
    arrange: (script) => {
      script.messages[0]!.listBytes = 10;
    },
  },
  {
    ...{ what: "RETR ends without its mark", step: "sample", state: "failed", words: /connection was lost at RETR 1/ },
    arrange: (script) => {
      script.misdeed = say("RETR", "+OK\r\nSubject: cut\r\n\r\nhalf", "say-and-close");
    },
  },
  {
    ...{
      what: "LIST has a line without end",
      step: "list",
      state: "failed",
      words: /broke the protocol at LIST \(line-endless\)/,
    },
    arrange: (script) => {
      script.misdeed = say("LIST", `+OK\r\n1 ${"9".repeat(5_000)}`);
    },
  },
];

test("each oddity of ids and lengths has words of its own in Test Journal Extraction, on the screen and in JSON", async (context) => {
  const archive = await testMailboxArchive(context);
  const seen = new Set<string>();
  for (const { what, step, state, words, arrange, after } of oddities) {
    const script = await testScriptServer(context);
    script.messages = [1, 2].map((number) => ({ uidl: `id${number}`, bytes: mailOf(`${what} ${number}`) }));
    arrange?.(script);
    const id = await mailbox(archive, script.port);
    if (after !== undefined) await know(archive, id);
    after?.(script);
    const before = script.messages.map(({ uidl }) => uidl);
    const found = await finding(archive, id, step, words);
    assert.equal(found.state, state, what);
    assert.deepEqual(
      script.messages.map(({ uidl }) => uidl),
      before,
      `${what}: the mailbox is as it was`,
    );
    seen.add(`${found.evidence.at(-1)} ${found.meaning}`);
  }
  assert.equal(seen.size, oddities.length, "no two are told alike");
});

test("each fault of a certificate has words of its own, names the certificate, and no password is said", async (context) => {
  const folder = testFolder(context);
  const authority = createAuthority(folder);
  writeFileSync(join(folder, "trusted.pem"), authority.cert);
  const archive = await testMailboxArchive(context, { NODE_EXTRA_CA_CERTS: join(folder, "trusted.pem") });
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const valid = authority.issue(["localhost"], "valid");
  const expired = authority.issue(["localhost"], "expired");
  const other = authority.issue(["mx1.example.com"], "valid");
  const own = selfSigned(folder, "localhost");
  const faults = [
    ["the right one", valid, null],
    ["wrong host", other, /certificate is for another name/],
    ["expired", expired, /certificate has expired/],
    ["self-signed", own, /signed by itself/],
    ["only TLS 1.0", { ...valid, ...old }, /speaks only TLS that is broken/],
  ] as const;
  for (const [name, certificate, words] of faults) {
    const script = await testScriptServer(context, { when: "implicit", context: certificate });
    script.messages = [{ uidl: "a", bytes: mailOf("never seen") }];
    const id = await mailbox(archive, script.port, { host: "localhost", tls: "implicit" });
    const found = await finding(archive, id, "tls", words ?? /TLSv1\.3/);
    assert.equal(found.state, words === null ? "passed" : "failed", `${name}: ${JSON.stringify(found)}`);
    if (words === null) continue;
    assert.ok(!script.heard.some((line) => /^(?:USER|PASS|AUTH|APOP)/i.test(line)), name);
    if (!("minVersion" in certificate))
      assert.ok(found.evidence.join().includes(certificate.fingerprint), `${name}: the certificate is named`);
  }
});
