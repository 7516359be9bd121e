import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Peer } from "../dialog/peer.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";

const fixture = (name: string) => new URL(`../../fixtures/tls/${name}.pem`, import.meta.url).pathname;

/** The name in the certificate of a port on which TLS comes first. */
function certificateAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test("serve takes mail over STARTTLS and TLS, says which it was, and renews its certificate on SIGHUP while a session goes on", async (context) => {
  const folder = testFolder(context);
  const [data, chain, key] = [join(folder, "data"), join(folder, "cert.pem"), join(folder, "key.pem")];
  const put = (name: string) => {
    copyFileSync(fixture(`${name}-cert`), chain);
    copyFileSync(fixture(`${name}-key`), key);
  };
  put("first");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data, "--smtps", "127.0.0.1:0", "--tls-cert", chain, "--tls-key", key);
  context.after(() => server.kill());
  await addConnector(data, "standard", "one@archive.example");

  const peer = new Peer(server.smtpPort);
  context.after(() => peer.drop());
  const say = async (text: string) => {
    peer.send(Buffer.from(`${text}\r\n`));
    return (await peer.reply()) ?? "(closed)";
  };
  assert.match((await peer.reply()) ?? "", /^220 /);
  assert.match(await say("STARTTLS"), /^220 /);
  assert.ok(await peer.secure());
  assert.match(await say("EHLO x"), /REQUIRETLS$/);

  assert.equal(await certificateAt(server.smtpsPort), "first.archive.test");
  put("second");
  process.kill(server.pid, "SIGHUP");
  while ((await certificateAt(server.smtpsPort)) !== "second.archive.test");

  assert.match(await say("MAIL FROM:<a@b.test>"), /^250 /);
  assert.match(await say("RCPT TO:<one@archive.example>"), /^250 /);
  assert.match(await say("DATA"), /^354 /);
  assert.match(await say("Subject: secret road\r\n\r\nx\r\n."), /^250 2\.0\.0 stored durably/);
  await settled(data);
  const { items } = await munimentJson<{ items: { id: string }[] }>(["search", "subject:secret", "--data", data]);
  const { token } = await munimentJson<{ token: string }>(["token", "create", "--data", data, "--role", "admin"]);
  const answer = await fetch(`http://${server.http}/api/v1/messages/${items[0]?.id}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const message = (await answer.json()) as { receipts: { hop: { tls: string } }[] };
  assert.match(message.receipts[0]?.hop.tls ?? "", /^TLSv1\.3 TLS_/);
  assert.equal(await server.stop(), 0);
});

test("serve without the certificate it was told of ends, and says what to look at", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const missing = join(data, "none.pem");
  const { code, stderr } = await muniment(["serve", "--data", data, "--tls-cert", missing, "--tls-key", missing]);
  assert.equal(code, 2);
  assert.match(stderr, /none\.pem/);
  assert.match(stderr, /TLS-CERTIFICATE/);
});
