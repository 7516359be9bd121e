import assert from "node:assert/strict";
import { test } from "node:test";
import { networkDial, openSession, Pop3Failure, type Pop3Problem, type Pop3Server, Transcript } from "#pop3/index.ts";
import { systemClock } from "../../src/server/system.ts";
import { StillClock } from "../dialog/still-clock.ts";
import { testDovecot } from "../support/dovecot.ts";
import { testFolder } from "../support/folder.ts";
import { type Certificate, createAuthority, selfSigned } from "./certificates.ts";
import { type Misdeed, type ScriptServer, testScriptServer } from "./script-server.ts";

const secret = "corr3ct-h0rse";

function serverAt(port: number, more: Partial<Pop3Server> = {}): Pop3Server {
  return {
    host: "localhost",
    port,
    tls: "none",
    verify: { kind: "strict" },
    secrets: "verified",
    login: { kind: "password", user: "u1", password: secret, mechanism: "best" },
    addresses: { kind: "public", allowed: ["127.0.0.0/8", "::1"] },
    ...more,
  };
}

async function problemOf(
  server: Pop3Server,
  authorities: string[] = [],
): Promise<{ problem: Pop3Problem; shown: string }> {
  const transcript = new Transcript(systemClock, 100);
  const opening = openSession(server, { dial: networkDial(authorities), clock: systemClock, transcript }, signal);
  const failure = await opening.then(
    (session) => session.abort(),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof Pop3Failure, "the session fails");
  const shown = transcript.lines().map(({ from, text }) => `${from} ${text}`);
  return { problem: failure.problem, shown: shown.join("\n") };
}

const signal = new AbortController().signal;

/** No client may have said anything that looks like a login. */
function assertNoLogin(server: ScriptServer): void {
  assert.deepEqual(
    server.heard.filter((line) => /^(?:USER|PASS|AUTH|APOP)/i.test(line)),
    [],
  );
}

const say = (bytes: string): Misdeed => ({ kind: "say", bytes });

test("STLS: octets behind its answer end the session before the handshake", async (context) => {
  const injected = "+OK begin\r\n+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n";
  const server = await testScriptServer(context);
  server.capabilities = ["STLS", "SASL PLAIN"];
  server.misdeed = (verb) => (verb === "STLS" ? say(injected) : null);
  const { problem } = await problemOf(serverAt(server.port, { tls: "starttls" }));
  assert.deepEqual(problem, { kind: "stls", fault: "injected", said: "" });
  assertNoLogin(server);
});

const downgrades: [what: string, set: (server: ScriptServer) => void, kind: Pop3Problem["kind"]][] = [
  ["STLS missing in CAPA", () => {}, "stls"],
  [
    "CAPA hidden",
    (server) => {
      server.capabilities = null;
    },
    "stls",
  ],
  [
    "-ERR to STLS",
    (server) => {
      server.capabilities = ["STLS"];
      server.misdeed = (verb) => (verb === "STLS" ? say("-ERR no TLS today\r\n") : null);
    },
    "stls",
  ],
  [
    "+OK and then no TLS",
    (server) => {
      server.capabilities = ["STLS"];
      let isGranted = false;
      server.misdeed = (verb) => {
        if (verb !== "STLS") return isGranted ? say("+OK still in clear\r\n") : null;
        isGranted = true;
        return { kind: "say-and-close", bytes: "+OK begin\r\n" };
      };
    },
    "tls",
  ],
  [
    "a greeting that refuses",
    (server) => {
      server.greeting = "-ERR [SYS/TEMP] not now\r\n";
    },
    "sys-temp",
  ],
  [
    "a greeting of several lines",
    (server) => {
      server.greeting = "+OK one\r\n+OK two\r\n";
    },
    "stls",
  ],
  [
    "a greeting of 1 MB",
    (server) => {
      server.greeting = `+OK ${"x".repeat(1_048_576)}`;
    },
    "protocol",
  ],
];
for (const [what, set, kind] of downgrades)
  test(`STLS asked for: ${what} ends the session, and nothing secret is said`, async (context) => {
    const server = await testScriptServer(context);
    set(server);
    const { problem } = await problemOf(serverAt(server.port, { tls: "starttls", secrets: "clear" }));
    assert.equal(problem.kind, kind);
    assertNoLogin(server);
  });

test("no secret is sent in clear or without verification unless that was chosen", async (context) => {
  const own = selfSigned(testFolder(context), "localhost");
  const clear = await testScriptServer(context);
  assert.deepEqual((await problemOf(serverAt(clear.port))).problem, { kind: "secret-withheld", reason: "clear" });
  assertNoLogin(clear);
  const relaxed = await testScriptServer(context, { when: "implicit", context: own });
  const options: Partial<Pop3Server> = { tls: "implicit", verify: { kind: "relaxed" } };
  const { problem } = await problemOf(serverAt(relaxed.port, options));
  assert.deepEqual(problem, { kind: "secret-withheld", reason: "unverified" });
  assertNoLogin(relaxed);
  const parts = { dial: networkDial(), clock: systemClock };
  const chosen = await openSession(serverAt(relaxed.port, { ...options, secrets: "unverified" }), parts, signal);
  assert.equal(chosen.channel.tls?.verified, "not");
  await chosen.quit();
});

test("certificates: each fault has its own word, and a good or pinned one is taken", async (context) => {
  const folder = testFolder(context);
  const authority = createAuthority(folder);
  const valid = authority.issue(["localhost"], "valid");
  const own = selfSigned(folder, "localhost");
  const serve = async (certificate: Certificate, more: object = {}) => {
    return (await testScriptServer(context, { when: "implicit", context: { ...certificate, ...more } })).port;
  };
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const ports = {
    valid: await serve(valid),
    expired: await serve(authority.issue(["localhost"], "expired")),
    otherName: await serve(authority.issue(["mx1.example.com"], "valid")),
    own: await serve(own),
    old: await serve(valid, old),
    clear: (await testScriptServer(context)).port,
  };
  const faults: [port: number, fault: string, verify?: Pop3Server["verify"], authorities?: string[]][] = [
    [ports.expired, "expired"],
    [ports.otherName, "wrong-name"],
    [ports.own, "self-signed"],
    [ports.valid, "unknown-authority", { kind: "strict" }, []],
    [ports.old, "version-too-old"],
    [ports.clear, "handshake-failed"],
    [ports.valid, "wrong-fingerprint", { kind: "pinned", sha256: own.fingerprint }],
  ];
  const strict: Pop3Server["verify"] = { kind: "strict" };
  for (const [port, fault, verify = strict, authorities = [authority.cert]] of faults) {
    const { problem } = await problemOf(serverAt(port, { tls: "implicit", verify }), authorities);
    assert.equal(problem.kind === "tls" ? problem.fault : problem.kind, fault, JSON.stringify(problem));
  }
  const parts = { dial: networkDial([authority.cert]), clock: systemClock };
  const good = await openSession(serverAt(ports.valid, { tls: "implicit" }), parts, signal);
  assert.deepEqual([good.channel.tls?.verified, good.channel.tls?.fingerprint], ["by-authority", valid.fingerprint]);
  await good.quit();
  const colons = own.fingerprint.toUpperCase().replace(/..(?=.)/g, "$&:");
  const pin = { tls: "implicit", verify: { kind: "pinned", sha256: colons } } as const;
  const pinned = await openSession(serverAt(ports.own, pin), parts, signal);
  assert.equal(pinned.channel.tls?.verified, "by-fingerprint");
  await pinned.quit();
});

test("Dovecot: STLS and implicit TLS with its certificate trusted; the password is in no transcript", async (context) => {
  const dovecot = await testDovecot(context);
  dovecot.deliver([Buffer.from("Subject: one\r\n\r\n.body\r\n")]);
  const login = { kind: "password", user: "u1", password: "pw1", mechanism: "best" } as const;
  for (const [tls, port] of [
    ["starttls", dovecot.pop3Port],
    ["implicit", dovecot.pop3sPort],
  ] as const) {
    const parts = { dial: networkDial([dovecot.certificate]), clock: systemClock };
    const session = await openSession(serverAt(port, { tls, login }), parts, signal);
    assert.equal(session.channel.tls?.verified, "by-authority");
    assert.ok(session.capabilities.argumentsByTag.has("TOP"), "CAPA is asked again behind TLS and login");
    const { messages } = await session.listing();
    assert.equal(messages.length, 1);
    await session.remove(1);
    await session.reset();
    assert.equal((await session.stat()).messages, 1);
    await session.quit();
    assert.doesNotMatch(JSON.stringify(session.transcript()), /pw1|body/);
  }
  const wrong = await problemOf(
    serverAt(dovecot.pop3Port, { tls: "starttls", login: { ...login, password: secret } }),
    [dovecot.certificate],
  );
  assert.deepEqual([wrong.problem.kind, "certainty" in wrong.problem && wrong.problem.certainty], ["auth", "stated"]);
  assert.doesNotMatch(wrong.shown, new RegExp(`${secret}|${Buffer.from(`\0u1\0${secret}`).toString("base64")}`));
});

const refusals: [answer: string, capabilities: string[], kind: Pop3Problem["kind"], certainty?: string][] = [
  ["-ERR [IN-USE] mailbox is locked", ["USER", "AUTH-RESP-CODE"], "in-use"],
  ["-ERR [LOGIN-DELAY] too soon", ["USER"], "login-delay"],
  ["-ERR [SYS/TEMP] later", ["USER"], "sys-temp"],
  ["-ERR [SYS/PERM] call us", ["USER"], "sys-perm"],
  ["-ERR [AUTH] no", ["USER", "AUTH-RESP-CODE"], "auth", "stated"],
  ["-ERR no", ["USER"], "auth", "assumed"],
  ["-ERR no", ["USER", "AUTH-RESP-CODE"], "refused"],
];
for (const [answer, capabilities, kind, certainty] of refusals)
  test(`a login answered ${JSON.stringify(answer)} (${capabilities.join(" ")}) is ${kind}`, async (context) => {
    const server = await testScriptServer(context);
    server.capabilities = capabilities;
    server.misdeed = (verb) => (verb === "PASS" ? say(`${answer} \x1b[31m${secret}\r\n`) : null);
    const { problem, shown } = await problemOf(serverAt(server.port, { secrets: "clear" }));
    assert.equal(problem.kind, kind);
    if (problem.kind === "auth") assert.equal(problem.certainty, certainty);
    assert.doesNotMatch(`${JSON.stringify(problem)}${shown}`, new RegExp(`${secret}|\x1b`));
  });

test("XOAUTH2 waits for the server's go-ahead, and asks for the refusal when it is challenged again", async (context) => {
  const server = await testScriptServer(context);
  const source = { token: async () => "fresh.token", leftMs: () => null };
  const login = { kind: "xoauth2", user: "u@x.example", source } as const;
  server.misdeed = (verb) => (verb === "AUTH" ? say("+ \r\n") : null);
  const parts = { dial: networkDial(), clock: systemClock };
  const session = await openSession(serverAt(server.port, { login, secrets: "clear" }), parts, signal);
  await session.quit();
  const response = Buffer.from("user=u@x.example\x01auth=Bearer fresh.token\x01\x01").toString("base64");
  assert.deepEqual(server.heard.slice(1, 3), ["AUTH XOAUTH2", response]);
  assert.doesNotMatch(JSON.stringify(session.transcript()), /fresh|token/);
  server.misdeed = (verb) => {
    if (verb === "AUTH" || verb.startsWith("DXNL") || verb === response.toUpperCase())
      return say("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n");
    return verb === "" ? say("-ERR [AUTH] expired\r\n") : null;
  };
  assert.equal((await problemOf(serverAt(server.port, { login, secrets: "clear" }))).problem.kind, "auth");
});

test("an address that is not allowed is never connected to, however it is spelt", async (context) => {
  const server = await testScriptServer(context);
  for (const host of ["127.0.0.1", "localhost", "localhost.", "2130706433", "0x7f.1", "::ffff:127.0.0.1"]) {
    const { problem } = await problemOf(serverAt(server.port, { host, addresses: { kind: "public", allowed: [] } }));
    assert.ok(["address-refused", "no-such-host"].includes(problem.kind), `${host}: ${JSON.stringify(problem)}`);
  }
  assert.deepEqual(server.heard, []);
});

test("a port nobody listens on is told as unreachable", async (context) => {
  const server = await testScriptServer(context);
  const { problem } = await problemOf(serverAt(1, { host: "127.0.0.1" }));
  assert.equal(problem.kind, "unreachable");
  assert.deepEqual(server.heard, []);
});

const silences: [verb: string, ms: number, step: string][] = [
  ["CAPA", 60_000, "CAPA"],
  ["PASS", 60_000, "PASS ****"],
];
for (const [verb, ms, step] of silences)
  test(`a server that is silent at ${verb} is given up after ${ms / 1000} s, and not before`, async (context) => {
    const server = await testScriptServer(context);
    const clock = new StillClock();
    const heard = Promise.withResolvers<void>();
    server.misdeed = (said) => {
      if (said !== verb) return null;
      heard.resolve();
      return { kind: "say-nothing" };
    };
    const opening = openSession(serverAt(server.port, { secrets: "clear" }), { dial: networkDial(), clock }, signal);
    let isOver = false;
    const failed = opening.then(
      () => assert.fail("opened"),
      (error: unknown) => {
        isOver = true;
        return error;
      },
    );
    await heard.promise;
    for (let second = 0; second < ms / 1000 - 1; second += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(isOver, false);
    for (let second = 0; second < 3; second += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const failure = await failed;
    assert.ok(failure instanceof Pop3Failure);
    assert.deepEqual(failure.problem, { kind: "timeout", step });
  });
