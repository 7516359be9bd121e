import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fetchToken, networkDial, Pop3Failure, type Pop3Problem, type TokenRequest } from "#pop3/index.ts";
import { systemClock } from "../../src/server/system.ts";
import { StillClock } from "../dialog/still-clock.ts";
import { testFolder } from "../support/folder.ts";
import { type Authority, createAuthority } from "./certificates.ts";
import { type TokenAnswer, type TokenServer, testTokenServer } from "./token-server.ts";

const never = new AbortController().signal;
const secrets = { clientSecret: "telling-secret", refreshToken: "telling-refresh" };

interface Bed {
  tokens: TokenServer;
  authority: Authority;
  ask(change?: Partial<TokenRequest>, parts?: Partial<Parameters<typeof fetchToken>[1]>): ReturnType<typeof fetchToken>;
}

async function bed(context: TestContext): Promise<Bed> {
  const authority = createAuthority(testFolder(context));
  const tokens = await testTokenServer(context, authority.issue(["localhost"], "valid"));
  const request: TokenRequest = {
    ...{ endpoint: tokens.url, grant: "client-credentials", clientId: "app-1", scope: "pop.read" },
    ...{ clientSecret: secrets.clientSecret, refreshToken: "" },
  };
  const own = { dial: networkDial([authority.cert]), clock: systemClock, addresses: { kind: "any" } } as const;
  return {
    tokens,
    authority,
    ask: (change = {}, parts = {}) => fetchToken({ ...request, ...change }, { ...own, ...parts }, never),
  };
}

async function problemOf(given: Promise<unknown>): Promise<Extract<Pop3Problem, { kind: "token" }>> {
  const error = await given.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Pop3Failure, String(error));
  assert.equal(error.code, "POP3-TOKEN");
  assert.ok(error.problem.kind === "token");
  for (const secret of Object.values(secrets)) assert.ok(!error.message.includes(secret));
  return error.problem;
}

test("client credentials and a refresh token are asked for as RFC 6749 says", async (context) => {
  const { tokens, ask } = await bed(context);
  assert.deepEqual(await ask(), { accessToken: "token-1", lifetimeMs: 3_600_000, refreshToken: null });
  assert.deepEqual(Object.fromEntries(tokens.asked[0]!), {
    ...{ grant_type: "client_credentials", client_id: "app-1", client_secret: "telling-secret", scope: "pop.read" },
  });
  tokens.answer = () => ({ status: 200, body: { access_token: "t", refresh_token: "telling-next" } });
  const given = await ask({ grant: "refresh-token", scope: "", ...secrets, clientSecret: "" });
  assert.deepEqual(given, { accessToken: "t", lifetimeMs: null, refreshToken: "telling-next" });
  assert.deepEqual(Object.fromEntries(tokens.asked[1]!), {
    ...{ grant_type: "refresh_token", client_id: "app-1", refresh_token: "telling-refresh" },
  });
});

const refusals: [what: string, answer: TokenAnswer, fault: string, detail: RegExp][] = [
  [
    "an application with an old secret",
    {
      status: 401,
      body: { error: "invalid_client", error_description: "AADSTS7000222: the secret telling-secret has expired" },
    },
    "client",
    /^invalid_client, AADSTS7000222, status 401$/,
  ],
  ["a consent that was taken back", { status: 400, body: { error: "invalid_grant" } }, "grant", /invalid_grant/],
  ["a scope that is not given", { status: 400, body: { error: "invalid_scope" } }, "scope", /invalid_scope/],
  ["another refusal", { status: 400, body: { error: "invalid_request" } }, "refused", /invalid_request/],
  ["an endpoint in trouble", { status: 503, body: "<html>" }, "busy", /status 503/],
  ["an endpoint that is asked too often", { status: 429, body: {} }, "busy", /status 429/],
  ["a page", { status: 200, body: "<html>telling-secret</html>" }, "not-an-answer", /no token/],
  ["a token with a line end", { status: 200, body: { access_token: "a\r\nDELE 1" } }, "not-an-answer", /no token/],
  ["an answer that is too long", { status: 200, body: "x".repeat(70_000) }, "not-an-answer", /too long/],
  [
    "an error in words of its own",
    { status: 400, body: { error: "telling-secret!" } },
    "not-an-answer",
    /no error code/,
  ],
];
for (const [what, answer, fault, detail] of refusals)
  test(`${what} is told as ${fault}, and nothing that the endpoint repeats is shown`, async (context) => {
    const { tokens, ask } = await bed(context);
    tokens.answer = () => answer;
    const problem = await problemOf(ask());
    assert.equal(problem.fault, fault);
    assert.match(problem.detail, detail);
  });

test("a redirect is not followed", async (context) => {
  const { tokens, ask } = await bed(context);
  tokens.answer = () => ({ status: 307, body: "", headers: { location: tokens.url } });
  assert.equal((await problemOf(ask())).fault, "not-an-answer");
  assert.equal(tokens.asked.length, 1);
});

test("no secret is sent to an endpoint whose certificate nobody vouches for, or that lies where connectors may not reach", async (context) => {
  const { tokens, ask } = await bed(context);
  assert.equal((await problemOf(ask({}, { dial: networkDial() }))).fault, "tls");
  const publicOnly = { addresses: { kind: "public", allowed: [] } } as const;
  assert.equal((await problemOf(ask({}, publicOnly))).fault, "port-refused");
  for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1"])
    assert.equal(
      (await problemOf(ask({ endpoint: `https://${host}/token` }, publicOnly))).fault,
      "address-refused",
      host,
    );
  assert.equal((await problemOf(ask({ endpoint: "https://localhost:1/token" }))).fault, "unreachable");
  assert.deepEqual(tokens.asked, []);
});

test("an endpoint that is silent is given up after fifteen seconds", async (context) => {
  const { tokens, ask } = await bed(context);
  const heard = Promise.withResolvers<void>();
  tokens.answer = () => {
    heard.resolve();
    return null;
  };
  const clock = new StillClock();
  const asking = problemOf(ask({}, { clock }));
  await heard.promise;
  clock.advance(15_000);
  const { fault, detail } = await asking;
  assert.deepEqual([fault, detail], ["unreachable", "no answer in time"]);
});
