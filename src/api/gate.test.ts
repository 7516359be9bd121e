import assert from "node:assert/strict";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import { allows, roles } from "#access/index.ts";
import { acme, createKit, other } from "../../test/api/kit.ts";

type Method = NonNullable<InjectOptions["method"]>;

test("every route asks for a permission or is public on purpose", async () => {
  await using kit = await createKit();
  assert.deepEqual(
    kit.api.routeTable.filter(({ access }) => access === "nobody"),
    [],
  );
});

test("the public routes are these and no others", async () => {
  await using kit = await createKit();
  const open = kit.api.routeTable
    .filter(({ access }) => access === "public")
    .map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(open.sort(), [
    "GET /api/v1/claim",
    "GET /api/v1/openapi.json",
    "GET /livez",
    "GET /readyz",
    "HEAD /livez",
    "HEAD /readyz",
    "POST /api/v1/claim",
    "POST /api/v1/session",
  ]);
});

for (const role of roles) {
  test(`the role ${role} comes to what it may do and to nothing else`, async () => {
    await using kit = await createKit();
    for (const { method, url, access } of kit.api.routeTable) {
      if (access === "public" || access === "nobody") continue;
      const response = await kit.as(role, {
        method: method as Method,
        url: url.replace(":id", "none"),
        payloadAsStream: true,
      });
      response.stream().destroy();
      const isLetIn = response.statusCode !== 401 && response.statusCode !== 403;
      assert.equal(isLetIn, allows(role, access), `${method} ${url}: ${response.statusCode}`);
    }
  });
}

test("whoever shows nothing, or something unknown, gets a 401 problem and is told how to sign in", async () => {
  await using kit = await createKit();
  for (const headers of [
    {},
    { authorization: "Bearer mun_live_none" },
    { cookie: "muniment_session=none" },
    { authorization: "Basic YTpi" },
  ]) {
    for (const { method, url, access } of kit.api.routeTable) {
      if (access === "public" || access === "nobody") continue;
      const response = await kit.api.inject({ method: method as Method, url: url.replace(":id", "none"), headers });
      assert.deepEqual([response.statusCode, response.json().code], [401, "AUTH-REQUIRED"], `${method} ${url}`);
      assert.match(String(response.headers["www-authenticate"]), /^Bearer/);
    }
  }
});

test("a tenant named in a header means nothing to a token", async () => {
  await using kit = await createKit();
  const row = kit.archive.put(other, "Subject: theirs\r\n\r\nx");
  const response = await kit.as("admin", {
    url: `/api/v1/messages/${row.id}`,
    headers: { "x-muniment-tenant": other },
  });
  assert.equal(response.statusCode, 404);
});

test("another tenant's ids are unknown, never forbidden", async () => {
  await using kit = await createKit();
  const row = kit.archive.put(other, "Subject: theirs\r\n\r\nx", { report: "report" });
  const add = { description: "B", journalEmailAddress: "b@x.example", type: "eej", maxAgeDays: null } as const;
  const { id } = await kit.connectors.add(other, add);
  const run = kit.archive.beginImport(other);
  const asked: [Method, string, InjectOptions][] = [
    ["GET", `/messages/${row.id}`, {}],
    ["GET", `/messages/${row.id}/raw`, {}],
    ["GET", `/messages/${row.id}/report`, {}],
    ["GET", `/connectors/${id}`, {}],
    ["PATCH", `/connectors/${id}`, { headers: { "if-match": "1" }, payload: { enabled: false } }],
    ["GET", `/imports/${run}`, {}],
    [
      "POST",
      `/imports/${run}/messages?sourceKey=a&label=b&type=eej`,
      { headers: { "content-type": "message/rfc822" }, payload: "x" },
    ],
  ];
  for (const [method, path, more] of asked) {
    const mine = await kit.as("admin", { method, url: `/api/v1${path}`, ...more });
    assert.equal(mine.statusCode, 404, path);
    const theirs = await kit.as("admin", { method, url: `/api/v1${path}`, ...more }, other);
    assert.ok(theirs.statusCode < 300, `${path}: ${theirs.body}`);
  }
});

test("the local socket may do everything, in the tenant it names", async () => {
  await using kit = await createKit();
  kit.archive.put(other, "Subject: theirs\r\n\r\nx", { subject: "theirs" });
  const local = { "x-test-local": "yes" };
  const search = async (headers: Record<string, string>) =>
    kit.api.inject({ url: "/api/v1/messages", headers: { ...local, ...headers } });
  assert.equal((await search({ "x-muniment-tenant": other })).json().total, 1);
  assert.equal((await search({ "x-muniment-tenant": acme })).json().total, 0);
  assert.equal((await search({})).json().code, "TENANT-UNSTATED");
  assert.equal((await search({ "x-muniment-tenant": "nobody" })).json().code, "TENANT-UNKNOWN");
  const tenants = await kit.api.inject({ url: "/api/v1/tenants", headers: { ...local, "x-muniment-tenant": acme } });
  assert.deepEqual(tenants.json().data, [
    { id: "acme", name: "Acme" },
    { id: "other", name: "Other" },
  ]);
});

const sites: [string, Record<string, string>, boolean][] = [
  ["the console's own page", { "sec-fetch-site": "same-origin", origin: "http://archive.example:8080" }, true],
  ["an old browser on our page", { origin: "http://archive.example:8080" }, true],
  ["no browser", {}, true],
  ["another site", { "sec-fetch-site": "cross-site", origin: "http://evil.example" }, false],
  ["a sister site", { "sec-fetch-site": "same-site", origin: "http://evil.archive.example" }, false],
  ["an old browser on another site", { origin: "http://evil.example" }, false],
  ["our host on another port", { origin: "http://archive.example:9999" }, false],
  ["a sandboxed frame", { origin: "null" }, false],
];
for (const [name, headers, isTaken] of sites) {
  test(`an unsafe request with a cookie from ${name} is ${isTaken ? "taken" : "refused"}`, async () => {
    await using kit = await createKit();
    const { secret } = await kit.access.createClaim(acme);
    const { session } = await kit.access.claim({ secret, email: "ann@x.example", passphrase: "correct horse battery" });
    const cookie = `muniment_session=${session.secret}`;
    const common = { host: "archive.example:8080", ...headers };
    const out = await kit.api.inject({ method: "DELETE", url: "/api/v1/session", headers: { cookie, ...common } });
    assert.equal(out.statusCode, isTaken ? 204 : 403, out.body);
    const payload = { email: "ann@x.example", passphrase: "correct horse battery" };
    const signIn = await kit.api.inject({ method: "POST", url: "/api/v1/session", headers: common, payload });
    assert.equal(signIn.statusCode, isTaken ? 201 : 403, "signing someone in as another is an attack too");
  });
}

test("reading with a cookie from another site is left to the browser, which keeps the answer from it", async () => {
  await using kit = await createKit();
  const response = await kit.api.inject({ url: "/livez", headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers["access-control-allow-origin"], undefined);
});

test("a token is taken whatever the site, since no browser sends one by itself", async () => {
  await using kit = await createKit();
  const headers = { "sec-fetch-site": "cross-site" };
  const response = await kit.as("admin", { method: "POST", url: "/api/v1/imports", headers });
  assert.equal(response.statusCode, 201);
});
