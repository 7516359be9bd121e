import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Peer, tlsFile } from "../dialog/peer.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";

interface Peers {
  delivered: { address: string; helo: string; tls: string | null; times: number; user: string | null }[];
  turnedAway: { address: string; helo: string; times: number; lacking: string }[];
  refused: { address: string; reply: string; reason: string }[];
  reach: { name: string; doorways: { port: number; tls: string }[]; certificate: { daysLeft: number } };
}

const journal = "one@archive.example";

test("a sender that is not permitted keeps its mail, is shown, also after a restart, and gets in once it is allowed", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server = await startServer(data);
  context.after(() => server.kill());
  const { id } = await addConnector(data, "standard", journal);
  const peersOf = () => munimentJson<Peers>(["connectors", "peers", id, "--data", data]);
  await munimentJson(["connectors", "edit", id, "--permit", "192.0.2.0/24", "--data", data]);

  const early = await SmtpClient.open(server.smtpPort);
  await early.say("MAIL FROM:<a@b.test>");
  assert.match(await early.say(`RCPT TO:<${journal}>`), /^451 4\.7\.1 /);
  assert.match(await early.say(`RCPT TO:<${journal}>`), /^451 4\.7\.1 /);
  assert.match(await early.say("RCPT TO:<mistyped@archive.example>"), /^550 5\.1\.1 /);
  await early.quit();
  const shown = await peersOf();
  assert.deepEqual(
    shown.turnedAway.map(({ address, helo, times, lacking }) => [address, helo, times, lacking]),
    [["127.0.0.1", "test.example", 2, "source"]],
  );
  assert.deepEqual(
    shown.refused.map(({ address, reply, reason }) => [address, reply.slice(0, 3), reason]),
    [["127.0.0.1", "550", "no such journal address"]],
  );

  assert.equal(await server.stop(), 0);
  server = await startServer(data);
  assert.deepEqual((await peersOf()).turnedAway, shown.turnedAway);
  assert.deepEqual((await peersOf()).refused, shown.refused);

  await munimentJson(["connectors", "allow", id, "127.0.0.1", "--data", data]);
  const later = await SmtpClient.open(server.smtpPort);
  assert.match(await later.send(journal, Buffer.from("Subject: at last\r\n\r\nx\r\n")), /^250 /);
  await later.quit();
  const { turnedAway, delivered } = await peersOf();
  assert.deepEqual(turnedAway, []);
  assert.deepEqual(
    delivered.map(({ address, times, tls }) => [address, times, tls]),
    [["127.0.0.1", 1, null]],
  );
  assert.equal((await settled(data)).archived, 1);
  assert.equal(await server.stop(), 0);
});

test("a connector that asks for TLS, a login and a certificate takes mail from who has all three", async (context) => {
  const data = join(testFolder(context), "data");
  const file = (name: string) => new URL(`../../fixtures/tls/${name}.pem`, import.meta.url).pathname;
  await munimentJson(["init", "--data", data, "--no-input"]);
  const tls = ["--tls-cert", file("first-cert"), "--tls-key", file("first-key")];
  const server = await startServer(data, ...tls, "--mail-name", "mail.archive.example");
  context.after(() => server.kill());
  const { id } = await addConnector(data, "standard", journal);
  const peer = new Peer(server.smtpPort);
  context.after(() => peer.drop());
  const say = async (text: string) => {
    peer.send(Buffer.from(`${text}\r\n`));
    return (await peer.reply()) ?? "(closed)";
  };
  assert.match((await peer.reply()) ?? "", /^220 mail\.archive\.example /);
  const login = await munimentJson<{ user: string; password: string }>(["connectors", "login", id, "--data", data]);
  assert.match(await say("EHLO sender.example"), /^250/);
  await say("MAIL FROM:<a@b.test>");
  assert.match(await say(`RCPT TO:<${journal}>`), /^451 4\.7\.0 .*TLS/);
  await say("RSET");
  assert.match(await say("STARTTLS"), /^220 /);
  assert.ok(await peer.secure({ cert: tlsFile("client-cert"), key: tlsFile("client-key") }));
  // Whether AUTH is offered was settled when the connection began, before there was a login.
  assert.doesNotMatch(await say("EHLO sender.example"), /AUTH/);
  peer.drop();

  const second = new Peer(server.smtpPort);
  context.after(() => second.drop());
  const speak = async (text: string) => {
    second.send(Buffer.from(`${text}\r\n`));
    return (await second.reply()) ?? "(closed)";
  };
  await second.reply();
  await speak("STARTTLS");
  await second.secure({ cert: tlsFile("client-cert"), key: tlsFile("client-key") });
  assert.match(await speak("EHLO sender.example"), /AUTH PLAIN LOGIN/);
  await speak("MAIL FROM:<a@b.test>");
  assert.match(await speak(`RCPT TO:<${journal}>`), /^451 4\.7\.0 .*login/);
  await speak("RSET");
  const plain = Buffer.from(`\0${login.user}\0${login.password}`).toString("base64");
  assert.match(await speak(`AUTH PLAIN ${plain}`), /^235 /);
  await munimentJson(["connectors", "edit", id, "--certificate", "00".repeat(32), "--data", data]);
  await speak("MAIL FROM:<a@b.test>");
  assert.match(await speak(`RCPT TO:<${journal}>`), /^451 4\.7\.0 .*certificate/);
  const { X509Certificate } = await import("node:crypto");
  const { fingerprint256 } = new X509Certificate(tlsFile("client-cert"));
  await munimentJson(["connectors", "edit", id, "--certificate", fingerprint256, "--data", data]);
  assert.match(await speak(`RCPT TO:<${journal}>`), /^250 /);
  assert.match(await speak("DATA"), /^354 /);
  assert.match(await speak("Subject: all three\r\n\r\nx\r\n."), /^250 /);
  const { delivered, reach } = await munimentJson<Peers>(["connectors", "peers", id, "--data", data]);
  assert.deepEqual(
    delivered.map(({ helo, user, tls }) => [helo, user, tls?.slice(0, 5)]),
    [["sender.example", journal, "TLSv1"]],
  );
  assert.equal(reach.name, "mail.archive.example");
  assert.equal(reach.doorways[0]?.tls, "starttls");
  assert.ok(Number.isInteger(reach.certificate.daysLeft));
  assert.equal(await server.stop(), 0);
});
