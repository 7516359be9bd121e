import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createAuthority } from "../pop3/certificates.ts";
import { type ScriptServer, testScriptServer } from "../pop3/script-server.ts";
import { type TokenServer, testTokenServer } from "../pop3/token-server.ts";
import { testFolder } from "../support/folder.ts";
import { mailOf } from "../support/mailbox.ts";
import { type MailboxArchive, testMailboxArchive } from "../support/mailbox-archive.ts";
import { muniment } from "../support/server.ts";

const secrets = ["telling-client-secret", "telling-refresh-token"];

/** Lets in whoever has one of these tokens, by XOAUTH2 in two steps as Microsoft 365 wants it, and nobody by password. */
function letIn(script: ScriptServer, isGood: (token: string) => boolean): void {
  script.capabilities = ["SASL XOAUTH2", "UIDL", "TOP", "AUTH-RESP-CODE"];
  let isAsked = false;
  let isChallenged = false;
  script.misdeed = (verb, line) => {
    if (verb === "USER" || verb === "PASS") return { kind: "say", bytes: "-ERR [AUTH] no passwords here\r\n" };
    if (verb === "AUTH") {
      isAsked = true;
      return { kind: "say", bytes: line === "AUTH XOAUTH2" ? "+ \r\n" : "-ERR what\r\n" };
    }
    if (isChallenged) {
      isChallenged = false;
      return { kind: "say", bytes: "-ERR [AUTH] token refused\r\n" };
    }
    if (!isAsked) return null;
    isAsked = false;
    const [, user, token] =
      /^user=(.*)\x01auth=Bearer (.*)\x01\x01$/.exec(Buffer.from(line, "base64").toString()) ?? [];
    if (user === "j@example.com" && token !== undefined && isGood(token)) return { kind: "say", bytes: "+OK\r\n" };
    isChallenged = true;
    return { kind: "say", bytes: `+ ${Buffer.from('{"status":"401"}').toString("base64")}\r\n` };
  };
}

interface World {
  archive: MailboxArchive;
  script: ScriptServer;
  tokens: TokenServer;
  add(...more: string[]): Promise<string>;
}

async function world(context: TestContext): Promise<World> {
  const folder = testFolder(context);
  const authority = createAuthority(folder);
  writeFileSync(join(folder, "trusted.pem"), authority.cert);
  const certificate = authority.issue(["localhost"], "valid");
  const tokens = await testTokenServer(context, certificate);
  const script = await testScriptServer(context, { when: "implicit", context: certificate });
  const archive = await testMailboxArchive(context, { NODE_EXTRA_CA_CERTS: join(folder, "trusted.pem") });
  const add = async (...more: string[]) => {
    const where = ["--host", "localhost", "--port", String(script.port), "--user", "j@example.com", "--interval", "1h"];
    const what = [
      "--transport",
      "pop3",
      "--type",
      "standard",
      "--description",
      "M365",
      "--address",
      "j@archive.example",
    ];
    const how = ["--auth", "oauth", "--token-endpoint", tokens.url, "--client-id", "app-1", "--secrets-stdin"];
    const args = ["connectors", "add", "--data", archive.data, ...what, ...where, ...how, ...more, "--json"];
    const ran = await muniment(args, `${secrets[0]}\n${more.includes("refresh-token") ? secrets[1] : ""}\n`);
    assert.equal(ran.code, 0, ran.stderr + ran.stdout.toString());
    assert.ok(!secrets.some((secret) => ran.stdout.includes(secret)));
    return (JSON.parse(ran.stdout.toString()) as { id: string }).id;
  };
  return { archive, script, tokens, add };
}

/** Files of the archive, and what the server said, in which one of these words stands. */
function placesOf({ data, stderr }: MailboxArchive, words: readonly string[]): string[] {
  const files = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path) && words.some((word) => readFileSync(path).includes(word)));
  return words.some((word) => stderr().includes(word)) ? [...files, "standard error"] : files;
}

test("a mailbox is drained by access token: fetched once, renewed when it is refused, and secrets stay sealed", async (context) => {
  const { archive, script, tokens, add } = await world(context);
  const good = new Set(["token-1"]);
  letIn(script, (token) => good.has(token));
  script.messages = [{ uidl: "a", bytes: mailOf("first") }];
  const id = await add();
  const first = await archive.drain(id);
  assert.deepEqual([first.archived, first.left, first.problem], [1, 0, null]);
  script.messages = [{ uidl: "b", bytes: mailOf("second") }];
  assert.equal((await archive.drain(id)).archived, 1);
  assert.equal(tokens.asked.length, 1, "the token is good for an hour");
  assert.equal(tokens.asked[0]?.get("client_secret"), secrets[0]);
  const seen = await archive.client.get<object>(`/connectors/${id}`);
  assert.ok(!JSON.stringify(seen).includes("telling"));
  assert.deepEqual(placesOf(archive, [...secrets, "token-1"]), []);
  const runs = await archive.client.get<object>(`/connectors/${id}/runs`);
  assert.ok(!/telling|token-1/.test(JSON.stringify(runs)), "the transcripts of runs hold no token");
});

test("a refresh token that was replaced is used after a restart, and is nowhere to be read", async (context) => {
  const { archive, script, tokens, add } = await world(context);
  letIn(script, () => true);
  tokens.answer = () => ({
    status: 200,
    body: { access_token: "at", expires_in: 3_600, refresh_token: `telling-next-${tokens.asked.length}` },
  });
  const id = await add("--grant", "refresh-token");
  assert.equal((await archive.drain(id)).problem, null);
  assert.equal(tokens.asked[0]?.get("refresh_token"), secrets[1]);
  await archive.restart();
  assert.equal((await archive.drain(id)).problem, null);
  assert.equal(tokens.asked.at(-1)?.get("refresh_token"), `telling-next-${tokens.asked.length - 1}`);
  assert.deepEqual(placesOf(archive, [...secrets, "telling-next"]), []);
});

interface Tested {
  steps: { name: string; state: string; evidence: string[]; meaning: string; fix: string }[];
}

test("each fault of a token has words of its own, on the connector and in Test Journal Extraction", async (context) => {
  const { archive, script, tokens, add } = await world(context);
  const isLetIn = { value: true };
  letIn(script, () => isLetIn.value);
  const id = await add();
  const login = async () => {
    const { stdout } = await muniment(["connectors", "test", id, "--data", archive.data, "--json"]);
    assert.ok(!/telling/.test(stdout.toString()));
    return (JSON.parse(stdout.toString()) as Tested).steps.find(({ name }) => name === "login");
  };
  const faults: [object, RegExp, RegExp][] = [
    [{ error: "invalid_client" }, /does not accept the application's id and secret/, /secret is wrong or has expired/],
    [{ error: "invalid_grant" }, /does not accept the consent/, /consent was taken back/],
    [{ error: "invalid_scope" }, /does not give the scope/, /does not give this application/],
    [{ error: "invalid_request" }, /refuses: invalid_request/, /in a way of its own/],
    [{ hello: "there" }, /no error that can be read/, /no token endpoint/],
  ];
  const given = tokens.answer;
  for (const [body, words, meaning] of faults) {
    tokens.answer = () => ({ status: 400, body });
    const step = await login();
    assert.equal(step?.state, "failed");
    assert.match(step?.evidence.join("; ") ?? "", words);
    assert.match(step?.meaning ?? "", meaning);
  }
  tokens.answer = () => ({
    status: 401,
    body: { error: "invalid_client", error_description: "AADSTS7000222: expired" },
  });
  const { problem } = await archive.drain(id);
  assert.equal(problem?.code, "POP3-TOKEN");
  assert.match(problem?.words ?? "", /AADSTS7000222/);
  const { status, statusReason } = await archive.connector(id);
  assert.equal(status, "error");
  assert.match(statusReason, /does not accept the application's id and secret/);
  tokens.answer = given;
  const passed = await login();
  assert.equal(passed?.state, "passed");
  assert.match(passed?.evidence.join("; ") ?? "", /by access token \(XOAUTH2\); (?:59|60) minutes left/);
  isLetIn.value = false;
  const refused = await login();
  assert.equal(refused?.state, "failed");
  assert.match(refused?.meaning ?? "", /gives tokens, and the mailbox does not let them in/);
});
