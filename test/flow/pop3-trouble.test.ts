import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createClient } from "#cli/client.ts";
import { socketAddress } from "#cli/socket-address.ts";
import { MiB } from "#core/index.ts";
import { createAuthority, selfSigned } from "../pop3/certificates.ts";
import { testScriptServer } from "../pop3/script-server.ts";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { type Cut, testCuttingProxy } from "../support/cutting-proxy.ts";
import { testDovecot } from "../support/dovecot.ts";
import { testFolder } from "../support/folder.ts";
import { addMailbox, type Drained, mailOf } from "../support/mailbox.ts";
import { munimentJson, startServer } from "../support/server.ts";

/** A running server that may reach loopback, and its API without a process for each question. */
async function archive(context: TestContext) {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data]);
  const server = await startServer(data, "--allow-private-hosts");
  const { signal } = new AbortController();
  const client = createClient({ address: socketAddress(data), tenant: null, signal, reach: async () => undefined });
  context.after(async () => {
    client.close();
    await server.stop();
  });
  const drain = async (id: string): Promise<Drained> => {
    for await (const line of client.lines<{ result: Drained }>(`/connectors/${id}/runs`)) return line.result;
    throw new Error("no answer");
  };
  const connector = (id: string) => client.get<{ status: string; statusReason: string }>(`/connectors/${id}`);
  return { folder, data, client, drain, connector };
}

const cuts: Cut[] = ["CAPA", "AUTH", "STAT", "LIST", "UIDL", "RETR", "DELE", "QUIT"].flatMap((text) => [
  { kind: "before-client-says" as const, text },
  { kind: "before-answer-to" as const, text },
]);

test("a connection cut at any command loses nothing and takes nothing twice, through the running server", async (context) => {
  const dovecot = await testDovecot(context);
  const proxy = await testCuttingProxy(context, dovecot.pop3Port);
  const { folder, data, client, drain } = await archive(context);
  const { id } = await addMailbox(data, { port: proxy.port });
  await drain(id);
  const sent: Buffer[] = [];
  for (const cut of cuts) {
    const messages = [1, 2, 3].map((number) => mailOf(`${JSON.stringify(cut)} ${number}`, 2_000));
    dovecot.deliver(messages);
    sent.push(...messages);
    proxy.cutAt(cut);
    await drain(id);
    assert.ok(proxy.hasCut, JSON.stringify(cut));
    proxy.cutAt(null);
    const { left, failed, problem } = await drain(id);
    assert.deepEqual([left, failed, problem], [0, 0, null], JSON.stringify(cut));
    assert.equal(dovecot.count(), 0);
  }
  const status = await client.get<{ received: number; archived: number }>("/status");
  assert.deepEqual([status.received, status.archived], [sent.length, sent.length]);
  const all = await exported(data, "*", join(folder, "out"));
  for (const bytes of sent) assert.ok(all.has(sha256(bytes)));
  await assertSound(data);
});

test("a malformed message, a huge one and a report without an envelope hold up no other, and all are accounted for", async (context) => {
  const dovecot = await testDovecot(context);
  const { data, client, drain } = await archive(context);
  const report = readFileSync(new URL("../../fixtures/journal/exchange/bcc-only.eml", import.meta.url));
  const others = Array.from({ length: 20 }, (_, number) =>
    Buffer.from(report.toString("latin1").replaceAll("\r\n\r\n", `\r\nX-Number: ${number}\r\n\r\n`), "latin1"),
  );
  dovecot.deliver([
    Buffer.concat([
      Buffer.from("X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=\r\n"),
      Buffer.alloc(5_000, 0xff),
    ]),
    mailOf("huge", 24 * MiB),
    readFileSync(new URL("../../fixtures/journal/exchange/envelope-unreadable.eml", import.meta.url)),
    ...others,
  ]);
  const { id } = await addMailbox(data, { port: dovecot.pop3Port, type: "eej" });
  const drained = await drain(id);
  assert.deepEqual([drained.seen, drained.failed, drained.left, drained.problem], [23, 0, 0, null]);
  const { archived, duplicate, quarantined, held } = drained;
  assert.equal(archived + duplicate + quarantined + held, 23);
  assert.ok(archived + duplicate >= 20 && quarantined >= 1, JSON.stringify(drained));
  const status = await client.get<{ received: number; processing: number }>("/status");
  assert.deepEqual([status.received, status.processing], [23, 0]);
  assert.equal(dovecot.count(), 0);
});

test("what is wrong with a server has its own words on the connector and in the run: TLS, listings, messages", async (context) => {
  const { folder, data, drain, connector } = await archive(context);
  const authority = createAuthority(folder);
  const certificates: [
    string,
    string,
    { cert: string; key: string; minVersion?: "TLSv1"; maxVersion?: "TLSv1"; ciphers?: string },
    RegExp,
  ][] = [
    ["self-signed", "localhost", selfSigned(folder, "localhost"), /self-signed/],
    ["another authority", "localhost", authority.issue(["localhost"], "valid"), /unknown-authority/],
    [
      "only TLS 1.0",
      "localhost",
      {
        ...authority.issue(["localhost"], "valid"),
        minVersion: "TLSv1",
        maxVersion: "TLSv1",
        ciphers: "DEFAULT@SECLEVEL=0",
      },
      /version-too-old/,
    ],
  ];
  for (const [name, host, context_, words] of certificates) {
    const script = await testScriptServer(context, { when: "implicit", context: context_ });
    const { id } = await addMailbox(data, {
      host,
      port: script.port,
      tls: "implicit",
      name: name.replaceAll(/[ .]/g, "-"),
    });
    const { problem } = await drain(id);
    assert.equal(problem?.code, "POP3-TLS", name);
    assert.match(problem?.words ?? "", words);
    const { status, statusReason } = await connector(id);
    assert.equal(status, "error", name);
    assert.match(statusReason, words);
    assert.ok(!script.heard.some((line) => line.startsWith("PASS")), "no password was said");
  }
  const script = await testScriptServer(context);
  script.messages = [1, 2].map((number) => ({ uidl: `id${number}`, bytes: mailOf(`${number}`) }));
  script.misdeed = (verb) => (verb === "LIST" ? { kind: "say", bytes: `+OK\r\n1 ${"9".repeat(5_000)}\r\n` } : null);
  const { id } = await addMailbox(data, { port: script.port, name: "endless" });
  const { problem } = await drain(id);
  assert.equal(problem?.code, "POP3-PROTOCOL");
  assert.match(problem?.words ?? "", /broke the protocol at LIST/);
  script.misdeed = (verb, line) =>
    verb === "RETR" && line.endsWith(" 1") ? { kind: "say-and-close", bytes: "+OK\r\nSubject: cut" } : null;
  const cut = await drain(id);
  assert.deepEqual(
    [cut.failed, cut.archived, cut.left],
    [1, 1, 1],
    "a message without its end is not taken, the next one is",
  );
});
