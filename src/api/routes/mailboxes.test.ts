import assert from "node:assert/strict";
import { test } from "node:test";
import { freshState } from "#collector/mailbox-state.ts";
import type { ConnectorId, Instant } from "#core/index.ts";
import { createKit } from "../../../test/api/kit.ts";

const url = "/api/v1/connectors";
const fresh = {
  ...{ description: "Mailbox", transport: "pop3", type: "eej", journalEmailAddress: "j@journal.example" },
  pop3: { host: "Mail.example.com", user: "journal", password: "a telling password", tls: "starttls", keepDays: 7 },
};

async function withMailbox() {
  const kit = await createKit();
  const response = await kit.as("admin", { method: "POST", url, payload: fresh });
  assert.equal(response.statusCode, 201, response.body);
  return { kit, connector: response.json(), id: response.json().id as ConnectorId };
}

test("a mailbox is answered with its settings and never with its password", async () => {
  const { kit, connector } = await withMailbox();
  await using _ = kit;
  assert.deepEqual(connector.pop3, {
    ...{ host: "Mail.example.com", port: 110, tls: "starttls", verify: "strict", user: "journal" },
    ...{ oauth: null, intervalSeconds: 60, keepDays: 7 },
  });
  assert.deepEqual([connector.hostname, connector.smtp, connector.mailbox], ["Mail.example.com:110", null, null]);
  const list = await kit.as("auditor", { url });
  assert.ok(!list.body.includes("telling") && !list.body.includes("sealed") && !kit.log.join("").includes("telling"));
  const [stored] = await kit.catalogue.connectors("every");
  assert.ok(stored?.pop3 !== undefined && !JSON.stringify(stored).includes("telling"));
});

test("a login by access token is answered with its settings and never with its secrets, and may be changed for a password", async () => {
  await using kit = await createKit();
  const { password: _, ...rest } = fresh.pop3;
  const app = { tokenEndpoint: "https://login.example.com/token", clientId: "app-1" };
  const secrets = { clientSecret: "telling-client-secret", refreshToken: "telling-refresh-token" };
  const pop3 = { ...rest, oauth: { ...app, grant: "refresh-token", ...secrets } };
  const added = await kit.as("admin", { method: "POST", url, payload: { ...fresh, pop3 } });
  assert.equal(added.statusCode, 201, added.body);
  assert.deepEqual(added.json().pop3.oauth, { ...app, grant: "refresh-token", scope: "" });
  const list = await kit.as("auditor", { url });
  assert.ok(!`${added.body}${list.body}${kit.log.join("")}`.includes("telling"));
  assert.ok(!JSON.stringify(await kit.catalogue.connectors("every")).includes("telling"));
  const edit = (payload: object) => {
    const one = `${url}/${added.json().id}`;
    return kit.as("admin", { method: "PATCH", url: one, headers: { "if-match": '"1"' }, payload: { pop3: payload } });
  };
  const elsewhere = await edit({ oauth: { tokenEndpoint: "https://evil.example/token" } });
  assert.deepEqual([elsewhere.statusCode, elsewhere.json().code], [422, "CON-MAILBOX"]);
  const back = await edit({ oauth: null, password: "a telling password" });
  assert.deepEqual([back.statusCode, back.json().pop3.oauth], [200, null]);
});

test("the state of a mailbox is shown with its queue and its next run, and an old queue is called old", async () => {
  const { kit, id } = await withMailbox();
  await using _ = kit;
  const now = kit.clock.now();
  const past = (ms: number) => (now - ms) as Instant;
  const problem = { code: "POP3-AUTH", class: "login", words: "the server refuses these credentials" } as const;
  const failing = { failures: 1, problem, failingSince: past(5_000), nextRunAt: (now + 900_000) as Instant };
  kit.mailboxes.set(id, { ...freshState(now), ...failing, queue: 3, queueAt: past(9_000) });
  const got = (await kit.as("auditor", { url: `${url}/${id}` })).json();
  assert.deepEqual([got.status, got.statusReason], ["error", "The server refuses these credentials."]);
  assert.deepEqual([got.pop3MailboxQueue, got.pop3MailboxQueueAt], [3, "2029-12-31T23:59:51.000Z"]);
  assert.deepEqual(got.mailbox, {
    ...{ activity: "idle", failures: 1, problem: { code: "POP3-AUTH", words: problem.words }, succeededAt: null },
    ...{ failingSince: "2029-12-31T23:59:55.000Z", nextRunAt: "2030-01-01T00:15:00.000Z", isQueueOld: true },
  });
});

test("the password is asked for again when it would go elsewhere, and settings are left when they are not named", async () => {
  const { kit, id } = await withMailbox();
  await using _ = kit;
  const edit = (version: number, pop3: object) =>
    kit.as("admin", {
      method: "PATCH",
      url: `${url}/${id}`,
      headers: { "if-match": `"${version}"` },
      payload: { pop3 },
    });
  const elsewhere = await edit(1, { host: "evil.example" });
  assert.deepEqual([elsewhere.statusCode, elsewhere.json().code], [422, "CON-MAILBOX"]);
  assert.equal((await edit(1, { keepDays: null })).json().pop3.keepDays, null);
  const moved = await edit(2, { host: "other.example.com", password: "once more" });
  assert.deepEqual([moved.statusCode, moved.json().hostname], [200, "other.example.com:110"]);
});

const refused: [string, object][] = [
  ["a mailbox without its settings", { transport: "pop3", pop3: undefined }],
  ["settings of a mailbox on a connector that mail is pushed to", { transport: "smtp" }],
  ["permitted senders of a mailbox", { smtp: { requireTls: true } }],
];
for (const [name, change] of refused) {
  test(`${name} are refused`, async () => {
    await using kit = await createKit();
    const response = await kit.as("admin", { method: "POST", url, payload: { ...fresh, ...change } });
    assert.deepEqual([response.statusCode, response.json().code], [422, "CON-MAILBOX"]);
  });
}

test("runs are for those who may change connectors, and for connectors with a mailbox", async () => {
  const { kit, id } = await withMailbox();
  await using _ = kit;
  assert.equal((await kit.as("auditor", { method: "POST", url: `${url}/${id}/runs` })).statusCode, 403);
  assert.equal((await kit.as("admin", { method: "POST", url: `${url}/con_nobody/runs` })).statusCode, 404);
  const { pop3: _pop3, ...plain } = fresh;
  const smtp = { ...plain, transport: "smtp", description: "S", journalEmailAddress: "s@journal.example" };
  const pushed = (await kit.as("admin", { method: "POST", url, payload: smtp })).json();
  const run = await kit.as("admin", { method: "POST", url: `${url}/${pushed.id}/runs` });
  assert.deepEqual([run.statusCode, run.json().code], [422, "CON-MAILBOX"]);
});
