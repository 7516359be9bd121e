import assert from "node:assert/strict";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { createKit } from "../../test/api/kit.ts";
import { jsonBytesMax } from "./api.ts";

const json = { "content-type": "application/json" };
const body = { description: "HQ", transport: "smtp", type: "eej", journalEmailAddress: "j@x.example" };

const bad: [string, object, number, string, string?][] = [
  ["an unknown route", { url: "/api/v1/nothing" }, 404, "ROUTE-UNKNOWN"],
  ["an unknown method", { method: "PUT", url: "/api/v1/status" }, 404, "ROUTE-UNKNOWN"],
  [
    "a page for a browser under /api",
    { url: "/api/v1/nothing", headers: { accept: "text/html" } },
    404,
    "ROUTE-UNKNOWN",
  ],
  ["an address that cannot be decoded", { url: "/api/v1/connectors/%ff" }, 400, "REQUEST-INVALID"],
  [
    "an unknown field in a body",
    { method: "POST", url: "/api/v1/connectors", payload: { ...body, pop3: 1 } },
    400,
    "REQUEST-INVALID",
    "pop3",
  ],
  [
    "a missing field",
    { method: "POST", url: "/api/v1/connectors", payload: { ...body, type: undefined } },
    400,
    "REQUEST-INVALID",
    "type",
  ],
  [
    "a number in quotes",
    { method: "POST", url: "/api/v1/connectors", payload: { ...body, maxAgeDays: "3" } },
    400,
    "REQUEST-INVALID",
    "/maxAgeDays",
  ],
  [
    "a body that is no JSON",
    { method: "POST", url: "/api/v1/connectors", headers: json, payload: "{" },
    400,
    "REQUEST-INVALID",
  ],
  [
    "an empty JSON body",
    { method: "POST", url: "/api/v1/connectors", headers: json, payload: "" },
    400,
    "REQUEST-INVALID",
  ],
  ["no body", { method: "POST", url: "/api/v1/connectors" }, 400, "REQUEST-INVALID"],
  [
    "a body of another kind",
    { method: "POST", url: "/api/v1/connectors", headers: { "content-type": "text/xml" }, payload: "<a/>" },
    415,
    "REQUEST-MEDIA-TYPE",
  ],
  [
    "a body with a prototype",
    { method: "POST", url: "/api/v1/connectors", headers: json, payload: '{"__proto__":{"a":1}}' },
    400,
    "REQUEST-INVALID",
  ],
  ["an unknown field in a query", { url: "/api/v1/messages?query=x" }, 400, "REQUEST-INVALID", "query"],
  ["a limit of nought", { url: "/api/v1/messages?limit=0" }, 400, "REQUEST-INVALID", "/limit"],
  ["a limit of 201", { url: "/api/v1/messages?limit=201" }, 400, "REQUEST-INVALID", "/limit"],
  ["a limit that is no number", { url: "/api/v1/messages?limit=many" }, 400, "REQUEST-INVALID", "/limit"],
  ["a field given twice", { url: "/api/v1/messages?q=a&q=b" }, 400, "REQUEST-INVALID", "/q"],
  ["a field named like a prototype", { url: "/api/v1/messages?__proto__=b" }, 400, "REQUEST-INVALID"],
  ["a query of 4,097 characters", { url: `/api/v1/messages?q=${"x".repeat(4097)}` }, 400, "REQUEST-INVALID", "/q"],
  ["an unknown zone", { url: "/api/v1/messages?zone=Moon/Crater" }, 400, "REQUEST-INVALID", "/zone"],
  [
    "a JSON body above the limit",
    { method: "POST", url: "/api/v1/connectors", headers: json, payload: `"${"x".repeat(jsonBytesMax)}"` },
    413,
    "REQUEST-TOO-LARGE",
  ],
];
for (const [name, request, status, code, place] of bad) {
  test(`${name} is answered with a ${status} problem`, async () => {
    await using kit = await createKit();
    const response = await kit.as("admin", request);
    assert.equal(response.statusCode, status, response.body);
    assert.match(String(response.headers["content-type"]), /^application\/problem\+json/);
    const problem = response.json();
    assert.equal(problem.code, code);
    assert.equal(problem.status, status);
    assert.equal(problem.traceId, response.headers["x-trace-id"]);
    if (place !== undefined) assert.ok(JSON.stringify(problem.errors).includes(place), response.body);
  });
}

test("a limit of 1 and of 200 are taken, and a query of 4,096 characters", async () => {
  await using kit = await createKit();
  for (const query of ["limit=1", "limit=200", `q=${"x".repeat(4096)}`, "zone=Europe/Berlin", ""]) {
    assert.equal((await kit.as("admin", { url: `/api/v1/messages?${query}` })).statusCode, 200, query);
  }
});

test("every answer has a trace id of its own, which the log knows", async () => {
  await using kit = await createKit();
  const ids = [];
  for (const url of ["/livez", "/nothing", "/api/v1/status"]) {
    ids.push(String((await kit.api.inject(url)).headers["x-trace-id"]));
  }
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.ok(kit.log.some((line) => line.includes(id)));
});

test("the log has no query, no claim token and no secret", async () => {
  await using kit = await createKit();
  await kit.as("admin", { url: "/api/v1/messages?q=privatewords" });
  await kit.api.inject("/api/v1/claim?token=claimtoken");
  await kit.api.inject({ url: "/api/v1/status", headers: { cookie: "muniment_session=cookiesecret" } });
  assert.ok(kit.log.length >= 3);
  assert.equal(/privatewords|claimtoken|cookiesecret|mun_live_/.test(kit.log.join("")), false);
});

test("our own fault is told without its words, and the log has them", async () => {
  const kit = await createKit({
    connectors: new Proxy({} as never, { get: () => () => Promise.reject(new Error("at /var/lib/secret")) }),
  });
  await using _ = kit;
  const response = await kit.as("admin", { url: "/api/v1/connectors" });
  assert.deepEqual([response.statusCode, response.json().code], [500, "INTERNAL"]);
  assert.equal(/secret|api\.ts|stack/.test(response.body), false);
  assert.ok(kit.log.some((line) => line.includes("/var/lib/secret") && line.includes(response.json().traceId)));
});

test("answers are not cached, not sniffed and not framed", async () => {
  await using kit = await createKit();
  const { headers } = await kit.as("admin", { url: "/api/v1/status" });
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["strict-transport-security"], undefined);
  const policy = String(headers["content-security-policy"]);
  for (const directive of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]) {
    assert.ok(policy.split(";").includes(directive), directive);
  }
  assert.equal(policy.includes("upgrade-insecure-requests"), false);
});

test("health is told to everyone, and not being ready is a 503 problem", async () => {
  await using ready = await createKit();
  assert.deepEqual((await ready.api.inject("/livez")).json(), { status: "ok" });
  assert.equal((await ready.api.inject("/readyz")).statusCode, 200);
  await using starting = await createKit({ isReady: () => false });
  assert.equal((await starting.api.inject("/livez")).statusCode, 200);
  const response = await starting.api.inject("/readyz");
  assert.deepEqual(
    [response.statusCode, response.json().code, response.headers["retry-after"]],
    [503, "NOT-READY", "5"],
  );
});

const malformed: [string, string, number, string][] = [
  ["bytes that are no HTTP", "EHLO mail.example\r\n\r\n", 400, "REQUEST-INVALID"],
  ["an endless address", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n\r\n`, 431, "REQUEST-HEADER-TOO-LARGE"],
];
for (const [name, bytes, status, code] of malformed) {
  test(`${name} is answered with a ${status} problem too`, async () => {
    await using kit = await createKit();
    await kit.api.listen({ host: "127.0.0.1", port: 0 });
    const { port } = kit.api.server.address() as AddressInfo;
    const text = await new Promise<string>((resolve, reject) => {
      let got = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
      socket.on("data", (chunk) => {
        got += chunk;
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(got));
    });
    assert.ok(text.startsWith(`HTTP/1.1 ${status} `), text);
    assert.equal(JSON.parse(text.split("\r\n\r\n")[1]!).code, code);
  });
}
