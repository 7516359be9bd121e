import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createAuthority, selfSigned } from "../pop3/certificates.ts";
import { testScriptServer } from "../pop3/script-server.ts";
import { testDovecot } from "../support/dovecot.ts";
import { addMailbox, mailOf } from "../support/mailbox.ts";
import { testMailboxArchive } from "../support/mailbox-archive.ts";

test("a malformed message, a huge one and a report without an envelope hold up no other, and all are accounted for", async (context) => {
  const dovecot = await testDovecot(context);
  const { data, client, drain } = await testMailboxArchive(context);
  const report = readFileSync(new URL("../../fixtures/journal/exchange/bcc-only.eml", import.meta.url));
  const others = Array.from({ length: 20 }, (_, number) =>
    Buffer.from(report.toString("latin1").replaceAll("\r\n\r\n", `\r\nX-Number: ${number}\r\n\r\n`), "latin1"),
  );
  dovecot.deliver([
    Buffer.concat([
      Buffer.from("X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=\r\n"),
      Buffer.alloc(5_000, 0xff),
    ]),
    mailOf("huge", 200 * 1_000_000),
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
  const { folder, data, drain, connector } = await testMailboxArchive(context);
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
