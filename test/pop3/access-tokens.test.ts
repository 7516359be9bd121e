import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createAccessTokens } from "#collector/access-tokens.ts";
import type { MailboxConnector } from "#collector/collector.ts";
import type { ConnectorId, Instant, TenantId } from "#core/index.ts";
import { networkDial } from "#pop3/index.ts";
import { createMemoryCatalogue } from "../../src/catalogue/memory.ts";
import { StillClock } from "../dialog/still-clock.ts";
import { testFolder } from "../support/folder.ts";
import { createAuthority } from "./certificates.ts";
import { type TokenServer, testTokenServer } from "./token-server.ts";

const { signal } = new AbortController();
const minuteMs = 60_000;

function connectorOf(tokens: TokenServer, grant: "client-credentials" | "refresh-token"): MailboxConnector {
  const oauth = { grant, tokenEndpoint: tokens.url, clientId: "app-1", scope: "" };
  return {
    ...{ id: "con_tokens" as ConnectorId, tenant: "main" as TenantId, description: "m", enabled: true, version: 1 },
    ...{ journalEmailAddress: "j@journal.example", transport: "pop3", type: "standard", maxAgeDays: null },
    createdAt: 0 as Instant,
    pop3: {
      ...{ host: "localhost", port: 995, tls: "implicit", verify: { kind: "strict" }, user: "u", oauth },
      ...{ sealedPassword: "sealed", intervalSeconds: 60, retention: { kind: "delete" } },
    },
  };
}

async function bed(context: TestContext) {
  const authority = createAuthority(testFolder(context));
  const tokens = await testTokenServer(context, authority.issue(["localhost"], "valid"));
  const clock = new StillClock();
  const catalogue = createMemoryCatalogue();
  const parts = {
    ...{ catalogue, clock, dial: networkDial([authority.cert]), addresses: { kind: "any" } as const, log: () => {} },
    secretOf: async () => JSON.stringify({ clientSecret: "s", refreshToken: "refresh-0" }),
    sealToken: async (_: MailboxConnector, token: string) => `sealed ${token}`,
    openToken: async (_: MailboxConnector, sealed: string) => sealed.slice("sealed ".length),
  };
  return { tokens, clock, catalogue, parts };
}

test("a token is used until five minutes before its end, and told how long it is good for", async (context) => {
  const { tokens, clock, parts } = await bed(context);
  const connector = connectorOf(tokens, "client-credentials");
  const source = createAccessTokens(parts).sourceOf(connector, connector.pop3.oauth!);
  assert.equal(source.leftMs(), null);
  assert.equal(await source.token(null, signal), "token-1");
  clock.advance(55 * minuteMs - 1);
  assert.equal(await source.token(null, signal), "token-1");
  assert.equal(source.leftMs(), 5 * minuteMs + 1);
  clock.advance(1);
  assert.equal(await source.token(null, signal), "token-2");
  assert.equal(tokens.asked.length, 2);
});

test("a short life is used by half, and one that is not told for two and a half minutes", async (context) => {
  for (const [body, usedMs] of [
    [{ expires_in: 120 }, minuteMs],
    [{}, 2.5 * minuteMs],
  ] as const) {
    const { tokens, clock, parts } = await bed(context);
    tokens.answer = () => ({ status: 200, body: { access_token: `token-${tokens.asked.length}`, ...body } });
    const connector = connectorOf(tokens, "client-credentials");
    const source = createAccessTokens(parts).sourceOf(connector, connector.pop3.oauth!);
    await source.token(null, signal);
    clock.advance(usedMs - 1);
    assert.equal(await source.token(null, signal), "token-1");
    clock.advance(1);
    assert.equal(await source.token(null, signal), "token-2");
  }
});

test("a token that is refused is renewed, unless it was given just now", async (context) => {
  const { tokens, clock, parts } = await bed(context);
  const connector = connectorOf(tokens, "client-credentials");
  const source = createAccessTokens(parts).sourceOf(connector, connector.pop3.oauth!);
  const first = await source.token(null, signal);
  assert.equal(await source.token(first, signal), first);
  clock.advance(minuteMs);
  assert.equal(await source.token(first, signal), "token-2");
});

test("other settings or secrets get a token of their own", async (context) => {
  const { tokens, parts } = await bed(context);
  const all = createAccessTokens(parts);
  const connector = connectorOf(tokens, "client-credentials");
  await all.sourceOf(connector, connector.pop3.oauth!).token(null, signal);
  const edited = { ...connector, pop3: { ...connector.pop3, sealedPassword: "another" } };
  assert.equal(await all.sourceOf(edited, edited.pop3.oauth!).token(null, signal), "token-2");
});

test("a refresh token that takes the place of another is kept sealed, over a restart, until new secrets are entered", async (context) => {
  const { tokens, clock, catalogue, parts } = await bed(context);
  tokens.answer = () => {
    const count = tokens.asked.length;
    return { status: 200, body: { access_token: `t${count}`, expires_in: 60, refresh_token: `refresh-${count}` } };
  };
  const connector = connectorOf(tokens, "refresh-token");
  await catalogue.addTenant({ id: connector.tenant, name: "main", createdAt: clock.now() });
  await catalogue.addConnector(connector);
  const said = () => tokens.asked.at(-1)?.get("refresh_token");
  const ask = async (tools: typeof parts, one = connector) => {
    await createAccessTokens(tools).sourceOf(one, one.pop3.oauth!).token(null, signal);
    return said();
  };
  assert.equal(await ask(parts), "refresh-0");
  assert.equal(await ask(parts), "refresh-1");
  const [kept, ...more] = await catalogue.history(connector.id, "token", 10);
  assert.ok(kept !== undefined && more.length === 0);
  assert.match(kept.facts, /"sealed refresh-2"/);
  const edited = { ...connector, pop3: { ...connector.pop3, sealedPassword: "entered anew" } };
  assert.equal(await ask(parts, edited), "refresh-0");
  // A catalogue that cannot write now loses nothing while the process lives.
  const broken = {
    ...parts,
    catalogue: { ...catalogue, putHistory: () => Promise.reject(new Error("disk full")) },
  };
  const source = createAccessTokens(broken).sourceOf(connector, connector.pop3.oauth!);
  await source.token(null, signal);
  clock.advance(minuteMs);
  await source.token(null, signal);
  assert.equal(said(), "refresh-4");
});
