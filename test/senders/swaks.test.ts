import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SmtpOptions } from "#smtp/index.ts";
import { onStage, type Stage, testCertificate } from "../dialog/peer.ts";

// swaks is a client that is not ours, over OpenSSL's bindings of Perl: what it takes for TLS, AUTH and PROXY is what we do.

const program = "/usr/bin/swaks";
const certificate = () => testCertificate();
const authenticate = async (user: string, password: string) => user === "ann" && password === "secret";

before(() => {
  assert.ok(existsSync(program), "swaks is not installed: apt-get install swaks libnet-ssleay-perl");
});

/** Sends one mail with swaks and gives what it printed and how it ended. */
async function swaks(port: number, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const mail = ["--from", "a@b.test", "--to", "journal@acme.test", "--body", "hello", "--timeout", "20"];
  const child = spawn(program, ["--server", "127.0.0.1", "--port", String(port), ...mail, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, said };
}

async function oneMail(args: readonly string[], more: Partial<SmtpOptions>): Promise<Stage> {
  const stage = await onStage(
    {},
    async ({ listener }) => {
      const { code, said } = await swaks(listener.port, args);
      assert.equal(code, 0, said);
    },
    more,
  );
  assert.equal(stage.intake.items.length, 1);
  assert.match(stage.intake.items[0]?.bytes.toString() ?? "", /\r\n\r\nhello\r\n/);
  return stage;
}

const timeout = 60_000;

test("swaks sends with STARTTLS, and the hop says so", { timeout }, async () => {
  const { intake } = await oneMail(["--tls"], { certificate });
  assert.match(intake.items[0]?.arrival.hop.tls ?? "", /^TLSv1\.3 TLS_/);
});

test("swaks sends where TLS comes first, with TLS 1.2", { timeout }, async () => {
  const { intake } = await oneMail(["--tls-on-connect", "--tls-protocol", "tlsv1_2"], {
    certificate,
    isTlsFirst: true,
  });
  assert.match(intake.items[0]?.arrival.hop.tls ?? "", /^TLSv1\.2 /);
});

test("swaks shows a certificate, which is put on record", { timeout }, async () => {
  const file = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/client-${name}.pem`, import.meta.url));
  const shown = ["--tls-cert", file("cert"), "--tls-key", file("key")];
  const { intake } = await oneMail(["--tls", ...shown], { certificate });
  assert.equal(intake.items[0]?.arrival.hop.certificate?.subject, "CN=client.archive.test");
});

test("swaks finds no TLS where there is no certificate", { timeout }, async () => {
  await onStage({}, async ({ listener }) => {
    const { code, said } = await swaks(listener.port, ["--tls"]);
    assert.equal(code, 29, said);
  });
});

for (const mechanism of ["PLAIN", "LOGIN"]) {
  test(`swaks logs in by ${mechanism} under TLS`, { timeout }, async () => {
    const login = ["--auth", mechanism, "--auth-user", "ann", "--auth-password", "secret"];
    const { intake } = await oneMail(["--tls", ...login], { certificate, authenticate });
    assert.equal(intake.items[0]?.arrival.hop.user, "ann");
  });
}

test("swaks is not offered a login in clear, and a wrong password is refused and stands nowhere", {
  timeout,
}, async () => {
  const login = ["--auth", "PLAIN", "--auth-user", "ann", "--auth-password", "wrong-word"];
  const stage = await onStage(
    {},
    async ({ listener }) => {
      assert.equal((await swaks(listener.port, login)).code, 28);
      assert.equal((await swaks(listener.port, ["--tls", ...login])).code, 28);
    },
    { certificate, authenticate },
  );
  assert.equal(stage.refusals.filter(({ reply }) => reply.startsWith("535")).length, 1);
  const told = JSON.stringify([stage.logged, stage.refusals]);
  assert.doesNotMatch(told, /wrong-word/);
  assert.ok(!told.includes(Buffer.from("\0ann\0wrong-word").toString("base64")));
});

for (const version of ["1", "2"]) {
  test(`swaks speaks for another by PROXY version ${version}`, { timeout }, async () => {
    const proxy = ["--proxy-version", version, "--proxy-family", version === "1" ? "TCP4" : "AF_INET"];
    const source = ["--proxy-source", "192.0.2.7", "--proxy-source-port", "4711"];
    const target = ["--proxy-dest", "198.51.100.1", "--proxy-dest-port", "25"];
    const { intake } = await oneMail([...proxy, ...source, ...target], { proxies: ["127.0.0.1"] });
    assert.equal(intake.items[0]?.arrival.hop.peer, "192.0.2.7:4711");
  });
}

test("swaks may not speak for another where its address is not trusted", { timeout }, async () => {
  const { intake } = await onStage({}, async ({ listener }) => {
    const proxy = ["--proxy", "TCP4 192.0.2.7 198.51.100.1 4711 25", "--proxy-version", "1"];
    assert.notEqual((await swaks(listener.port, proxy)).code, 0);
  });
  assert.equal(intake.items.length, 0);
});
