import assert from "node:assert/strict";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import { acme, createKit, importFolder, other } from "../../../test/api/kit.ts";

type Kit = Awaited<ReturnType<typeof createKit>>;
interface Entry {
  seq: number;
  action: string;
  kind: string;
  who: string;
  subjects: string[];
  note: string | null;
}

const connector = { description: "HQ", transport: "smtp", type: "eej", journalEmailAddress: "j@journal.example" };
const root = "/api/v1";

async function entries(kit: Kit, query = "", tenant = acme): Promise<Entry[]> {
  const response = await kit.as("auditor", { url: `${root}/audit${query}` }, tenant);
  assert.equal(response.statusCode, 200, response.body);
  return response.json().data;
}

async function withMail() {
  const kit = await createKit();
  const row = kit.archive.put(acme, "Subject: minutes\r\n\r\nAt ten.\r\n", { subject: "minutes" });
  const added = await kit.as("admin", { method: "POST", url: `${root}/connectors`, payload: connector });
  return { kit, message: row.id, connectorId: added.json().id as string };
}

/** What is asked, and the entry it makes. */
const deeds: [string, (ids: { message: string; connectorId: string }) => InjectOptions, string][] = [
  ["GET /messages", () => ({ url: `${root}/messages?q=minutes` }), "message.search"],
  ["GET /messages/:id", ({ message }) => ({ url: `${root}/messages/${message}` }), "message.open"],
  ["GET /messages/:id/raw", ({ message }) => ({ url: `${root}/messages/${message}/raw` }), "message.download"],
  ["GET /messages/:id/reading", ({ message }) => ({ url: `${root}/messages/${message}/reading` }), "message.open"],
  [
    "POST /tokens",
    () => ({ method: "POST", url: `${root}/tokens`, payload: { role: "auditor", label: "scan" } }),
    "token.create",
  ],
  [
    "PATCH /connectors/:id",
    ({ connectorId }) => ({
      ...{ method: "PATCH", url: `${root}/connectors/${connectorId}` },
      ...{ payload: { enabled: false }, headers: { "if-match": '"1"' } },
    }),
    "connector.edit",
  ],
  [
    "POST /connectors/:id/login",
    ({ connectorId }) => ({ method: "POST", url: `${root}/connectors/${connectorId}/login` }),
    "connector.login",
  ],
  [
    "DELETE /connectors/:id/login",
    ({ connectorId }) => ({ method: "DELETE", url: `${root}/connectors/${connectorId}/login` }),
    "connector.login",
  ],
  [
    "POST /domains",
    () => ({ method: "POST", url: `${root}/domains`, payload: { domains: ["a.example"] } }),
    "domains.set",
  ],
  [
    "POST /quarantine/decisions",
    () => ({ method: "POST", url: `${root}/quarantine/decisions`, payload: { what: "retry", ids: ["rcp_1"] } }),
    "quarantine.retry",
  ],
  [
    "POST /decryption-keys",
    () => ({ method: "POST", url: `${root}/decryption-keys`, payload: { file: "AAAA", passphrase: "secret word" } }),
    "keys.import",
  ],
  ["POST /verifications", () => ({ method: "POST", url: `${root}/verifications`, payload: {} }), "archive.verify"],
  ["POST /search/rebuild", () => ({ method: "POST", url: `${root}/search/rebuild` }), "search.rebuild"],
  [
    "POST /imports/paths",
    () => ({ method: "POST", url: `${root}/imports/paths`, payload: { path: importFolder, type: "eej" } }),
    "import.begin",
  ],
  [
    "POST /imports/uploads",
    () => ({
      ...{ method: "POST", url: `${root}/imports/uploads?name=a.eml&type=eej`, payload: "x" },
      headers: { "content-type": "application/octet-stream" },
    }),
    "import.begin",
  ],
  ["POST /imports", () => ({ method: "POST", url: `${root}/imports` }), "import.begin"],
  [
    "POST /exports",
    () => ({ method: "POST", url: `${root}/exports`, payload: { query: "minutes", messages: 1 } }),
    "export.begin",
  ],
];

for (const [what, asked, action] of deeds) {
  test(`${what} is entered as ${action}, with who asked`, async () => {
    const { kit, ...ids } = await withMail();
    await using _ = kit;
    const before = (await entries(kit)).length;
    const response = await kit.as("admin", asked(ids));
    assert.ok(response.statusCode < 300, response.body);
    const [entry, ...others] = await entries(kit);
    assert.deepEqual([entry?.action, entry?.kind, entry?.who], [action, "token", "admin"]);
    assert.equal(others.length, before);
    assert.ok(!JSON.stringify(entry).includes("secret word"));
  });
}

/** Routes that change nothing that lasts, or whose entry is made elsewhere; and why. */
const unaudited = new Map([
  ["POST /claim", "tested below"],
  ["POST /session", "tested below"],
  ["DELETE /session", "tested below"],
  ["POST /connectors", "tested below"],
  ["POST /connectors/:id/allow", "tested below"],
  ["POST /connectors/:id/runs", "needs a mailbox: test/flow"],
  ["POST /trusted-authorities", "needs certificates: test/flow"],
  ["POST /backups", "tested below"],
  ["POST /connectors/:id/tests", "changes nothing"],
  ["POST /imports/:id/messages", "the import has its entry, and each message its receipt"],
]);

test("every route that changes something has its entry", async () => {
  await using kit = await createKit();
  const tested = new Set(deeds.map(([what]) => what));
  const unsafe = kit.api.routeTable
    .filter(({ method, url }) => !["GET", "HEAD", "OPTIONS"].includes(method) && url.startsWith(root))
    .map(({ method, url }) => `${method} ${url.slice(root.length)}`);
  assert.deepEqual(
    unsafe.filter((route) => !tested.has(route) && !unaudited.has(route)),
    [],
  );
  assert.deepEqual(
    [...unaudited.keys()].filter((route) => !unsafe.includes(route)),
    [],
  );
});

test("claiming, signing in and out, and a refused sign-in are entered", async () => {
  await using kit = await createKit();
  const ann = { email: "ann@x.example", passphrase: "correct horse battery" };
  const { secret: token } = await kit.access.createClaim(acme);
  const claimed = await kit.api.inject({ method: "POST", url: `${root}/claim`, payload: { token, ...ann } });
  const cookie = String(claimed.headers["set-cookie"]).split(";")[0]!;
  await kit.api.inject({ method: "POST", url: `${root}/session`, payload: ann });
  await kit.api.inject({
    method: "POST",
    url: `${root}/session`,
    payload: { ...ann, passphrase: "not the right one" },
  });
  await kit.audit.settled();
  await kit.api.inject({ method: "DELETE", url: `${root}/session`, headers: { cookie } });
  assert.deepEqual(
    (await entries(kit)).map(({ action, kind, who }) => [action, kind, who]),
    [
      ["session.end", "person", "ann@x.example"],
      ["session.refused", "unknown", "ann@x.example"],
      ["session.begin", "person", "ann@x.example"],
      ["claim", "person", "ann@x.example"],
    ],
  );
});

test("a change of a connector is entered with what was before and after, and without its secrets", async () => {
  await using kit = await createKit();
  const pop3 = { host: "mail.example.com", port: 995, tls: "implicit", user: "journal", password: "hunter2 hunter2" };
  const payload = { ...connector, transport: "pop3", pop3 };
  const added = await kit.as("admin", { method: "POST", url: `${root}/connectors`, payload });
  assert.equal(added.statusCode, 201, added.body);
  const { id } = added.json();
  const url = `${root}/connectors/${id}`;
  const change = (changes: object, version: number) =>
    kit.as("admin", { method: "PATCH", url, payload: changes, headers: { "if-match": `"${version}"` } });
  await change({ description: "Berlin", maxAgeDays: 9 }, 1);
  await change({ pop3: { password: "another one here" } }, 2);
  const notes = (await entries(kit)).map(({ note, subjects }) => {
    assert.deepEqual(subjects, [id]);
    return JSON.parse(note ?? "");
  });
  assert.deepEqual(notes[0], { before: {}, after: {}, secret: "changed" });
  assert.deepEqual(notes[1], {
    before: { description: "HQ", maxAgeDays: 30 },
    after: { description: "Berlin", maxAgeDays: 9 },
  });
  assert.equal(notes[2].after.pop3.user, "journal");
  assert.ok(!/hunter2|another one/.test(JSON.stringify(notes)));
});

test("a permitted source and a backup are entered", async () => {
  await using kit = await createKit();
  const smtp = { permitted: ["192.0.2.1"] };
  const added = await kit.as("admin", { method: "POST", url: `${root}/connectors`, payload: { ...connector, smtp } });
  const allowed = await kit.as("admin", {
    ...{ method: "POST", url: `${root}/connectors/${added.json().id}/allow`, payload: { range: "192.0.2.2" } },
  });
  assert.equal(allowed.statusCode, 200, allowed.body);
  const backup = await kit.api.inject({
    ...{ method: "POST", url: `${root}/backups`, payload: { directory: "/mnt/b" } },
    headers: { "x-test-local": "yes", "x-muniment-tenant": acme },
  });
  assert.equal(backup.statusCode, 200, backup.body);
  const [last, edit] = await entries(kit);
  assert.deepEqual(
    [last?.action, last?.kind, last?.who, last?.note],
    ["backup.make", "local", "local administrator", "/mnt/b"],
  );
  assert.deepEqual(JSON.parse(edit?.note ?? "").after.smtp.permitted, ["192.0.2.1", "192.0.2.2"]);
});

test("entries are filtered and paged, and only of one's own tenant", async () => {
  const { kit, message } = await withMail();
  await using _ = kit;
  for (let count = 0; count < 3; count += 1) await kit.as("compliance", { url: `${root}/messages/${message}` });
  const seen = await entries(kit, "?action=message.open&who=compliance&limit=2");
  assert.deepEqual(
    seen.map(({ seq }) => seq),
    [4, 3],
  );
  const page = (await kit.as("admin", { url: `${root}/audit?subject=${message}&limit=2` })).json();
  const rest = (await kit.as("admin", { url: `${root}/audit?subject=${message}&cursor=${page.nextCursor}` })).json();
  assert.deepEqual([page.data.length, rest.data.length, rest.nextCursor], [2, 1, null]);
  assert.deepEqual(await entries(kit, "?since=2030-01-01T00:00:00.001Z"), []);
  assert.deepEqual(await entries(kit, "", other), []);
});

test("mail is not shown when that cannot be entered", async () => {
  const kit = await createKit();
  await using _ = kit;
  const { id } = kit.archive.put(acme, "Subject: minutes\r\n\r\nAt ten.\r\n", {});
  const add = kit.catalogue.addAudit;
  kit.catalogue.addAudit = async () => {
    throw new Error("no room");
  };
  for (const what of ["", "/raw", "/reading"]) {
    const response = await kit.as("admin", { url: `${root}/messages/${id}${what}` });
    assert.equal(response.statusCode, 500);
    assert.ok(!response.body.includes("ten"));
  }
  kit.catalogue.addAudit = add;
  assert.equal((await kit.as("admin", { url: `${root}/messages/${id}` })).statusCode, 200);
});

for (const role of ["operator", "user"] as const) {
  test(`the role ${role} does not see the audit log`, async () => {
    await using kit = await createKit();
    assert.equal((await kit.as(role, { url: `${root}/audit` })).statusCode, 403);
  });
}
