import assert from "node:assert/strict";
import { test } from "node:test";
import { acme, createKit } from "../../../test/api/kit.ts";

const ann = { email: "ann@x.example", passphrase: "correct horse battery" };
const user = {
  email: "ann@x.example",
  label: "ann@x.example",
  role: "admin",
  tenant: { id: "acme", name: "Acme" },
};

async function claimed(changes = {}) {
  const kit = await createKit(changes);
  const { secret: token } = await kit.access.createClaim(acme);
  const response = await kit.api.inject({ method: "POST", url: "/api/v1/claim", payload: { token, ...ann } });
  const { permissions: _, ...rest } = response.json().user;
  return { kit, token, response, user: rest, cookie: String(response.headers["set-cookie"]) };
}

test("a claim link can be checked, used once, and is gone then", async () => {
  const kit = await createKit();
  await using _ = kit;
  const { secret: token } = await kit.access.createClaim(acme);
  const check = () => kit.api.inject(`/api/v1/claim?token=${token}`);
  const use = () => kit.api.inject({ method: "POST", url: "/api/v1/claim", payload: { token, ...ann } });
  assert.deepEqual((await check()).json(), { valid: true, expiresAt: "2030-01-01T00:30:00.000Z" });
  assert.equal((await use()).statusCode, 201);
  const gone = await check();
  assert.deepEqual([gone.statusCode, gone.json().code], [410, "CLAIM-USED"]);
  const again = await use();
  assert.deepEqual([again.statusCode, again.json().code], [410, "CLAIM-USED"], "the other tenant can still be claimed");
});

test("a claimed archive answers another link with 404", async () => {
  const { kit } = await claimed();
  await using _ = kit;
  const { secret: token } = await kit.access.createClaim(acme);
  const payload = { token, ...ann, email: "eve@x.example" };
  const response = await kit.api.inject({ method: "POST", url: "/api/v1/claim", payload });
  assert.deepEqual([response.statusCode, response.json().code], [404, "CLAIM-CLOSED"]);
});

test("a passphrase of 11 characters is refused at its field", async () => {
  await using kit = await createKit();
  const { secret: token } = await kit.access.createClaim(acme);
  const payload = { token, ...ann, passphrase: "x".repeat(11) };
  const response = await kit.api.inject({ method: "POST", url: "/api/v1/claim", payload });
  assert.equal(response.statusCode, 422);
  assert.deepEqual([response.json().code, response.json().errors[0].pointer], ["PASSPHRASE-SHORT", "/passphrase"]);
});

test("claiming signs in: the cookie is for us alone, and says who I am", async () => {
  const { kit, cookie, user: said } = await claimed();
  await using _ = kit;
  assert.deepEqual(said, user);
  assert.match(
    cookie,
    /^muniment_session=[0-9a-z]{32}; Path=\/; Expires=Tue, 01 Jan 2030 12:00:00 GMT; HttpOnly; SameSite=Strict$/,
  );
  const response = await kit.api.inject({ url: "/api/v1/session", headers: { cookie: cookie.split(";")[0]! } });
  const { permissions, ...rest } = response.json().user;
  assert.deepEqual(rest, user);
  assert.ok(permissions.includes("messages:read"));
});

test("over https the cookie is bound to the host", async () => {
  const { kit, cookie } = await claimed({ isHttps: true });
  await using _ = kit;
  assert.match(cookie, /^__Host-muniment=.*; Path=\/;.*; HttpOnly; Secure; SameSite=Strict$/);
  const value = cookie.split(";")[0]!;
  assert.equal((await kit.api.inject({ url: "/api/v1/session", headers: { cookie: value } })).statusCode, 200);
  const bare = value.replace("__Host-muniment", "muniment_session");
  assert.equal((await kit.api.inject({ url: "/api/v1/session", headers: { cookie: bare } })).statusCode, 401);
});

test("signing in and out", async () => {
  const { kit } = await claimed();
  await using _ = kit;
  const signIn = (payload: object) => kit.api.inject({ method: "POST", url: "/api/v1/session", payload });
  for (const wrong of [
    { ...ann, passphrase: "wrong horse battery" },
    { ...ann, email: "nobody@x.example" },
    { ...ann, passphrase: "x" },
  ]) {
    const response = await signIn(wrong);
    assert.deepEqual([response.statusCode, response.json().code], [401, "AUTH-REJECTED"]);
    assert.equal(response.headers["set-cookie"], undefined);
  }
  const response = await signIn(ann);
  assert.equal(response.statusCode, 201);
  const headers = { cookie: String(response.headers["set-cookie"]).split(";")[0]! };
  const out = await kit.api.inject({ method: "DELETE", url: "/api/v1/session", headers });
  assert.deepEqual([out.statusCode, out.body], [204, ""]);
  assert.match(String(out.headers["set-cookie"]), /^muniment_session=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970/);
  assert.equal((await kit.api.inject({ url: "/api/v1/session", headers })).statusCode, 401);
});

test("a token made by an admin works for 90 days when nothing is said", async () => {
  await using kit = await createKit();
  const response = await kit.as("admin", {
    method: "POST",
    url: "/api/v1/tokens",
    payload: { role: "auditor", label: "audit" },
  });
  assert.equal(response.statusCode, 201);
  const { token, role, expiresAt } = response.json();
  assert.deepEqual([role, expiresAt], ["auditor", "2030-04-01T00:00:00.000Z"]);
  const session = await kit.api.inject({ url: "/api/v1/session", headers: { authorization: `Bearer ${token}` } });
  const { email, label } = session.json().user;
  assert.deepEqual([email, label], [null, "audit"]);
});
