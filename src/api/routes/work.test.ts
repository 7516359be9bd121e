import assert from "node:assert/strict";
import { test } from "node:test";
import { acme, createKit } from "../../../test/api/kit.ts";

function lines(body: string) {
  return body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("a verification tells its progress and every damaged message", async () => {
  await using kit = await createKit();
  kit.archive.put(acme, "a");
  const row = kit.archive.put(acme, "b");
  kit.archive.damage(row);
  const response = await kit.as("compliance", { method: "POST", url: "/api/v1/verifications" });
  assert.equal(response.statusCode, 200);
  assert.match(String(response.headers["content-type"]), /^application\/x-ndjson/);
  const got = lines(response.body);
  assert.deepEqual(got[0], { progress: { done: 2, total: 2, unit: "messages" } });
  assert.deepEqual(got.at(-1).result, {
    ok: false,
    checked: 2,
    packs: 1,
    bytes: 2,
    of: { packs: 1, bytes: 2 },
    unknown: [],
    damaged: [{ id: row.id, pack: "pck_1", place: "frame", detail: "a frame does not open" }],
  });
});

test("a verification takes a share and a time, and refuses what is neither", async () => {
  await using kit = await createKit();
  const ask = (payload: object) => kit.as("operator", { method: "POST", url: "/api/v1/verifications", payload });
  assert.equal((await ask({ sample: 0.05, since: "2030-01-01T00:00:00Z" })).statusCode, 200);
  assert.deepEqual(kit.archive.verified, { sample: 0.05, since: Date.UTC(2030, 0, 1) });
  assert.equal((await ask({ sample: 1 })).statusCode, 200);
  assert.deepEqual(kit.archive.verified, { sample: 1, since: null });
  for (const wrong of [{ sample: 0 }, { sample: 1.01 }, { sample: "5%" }, { since: "yesterday" }, { from: 1 }])
    assert.equal((await ask(wrong)).statusCode, 400, JSON.stringify(wrong));
});

test("a rebuild that fails says so in its last line, without our paths", async () => {
  await using kit = await createKit();
  const response = await kit.as("operator", { method: "POST", url: "/api/v1/search/rebuild" });
  const { problem } = lines(response.body).at(-1);
  assert.deepEqual(
    [problem.code, problem.status, problem.traceId],
    ["SEARCH-BROKEN", 503, response.headers["x-trace-id"]],
  );
  assert.equal(response.body.includes("secret"), false);
  assert.ok(kit.log.some((line) => line.includes("secret")));
});

test("a rebuild tells how many messages it took in", async () => {
  await using kit = await createKit();
  kit.archive.put(acme, "a");
  const response = await kit.as("operator", { method: "POST", url: "/api/v1/search/rebuild" });
  assert.deepEqual(lines(response.body), [{ result: { messages: 1 } }]);
});
