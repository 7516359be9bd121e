import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorId, Destination } from "#core/index.ts";
import { acme, createKit, other } from "../../../test/api/kit.ts";

const api = "/api/v1";

async function withConnector(settings: object = {}) {
  const kit = await createKit();
  const payload = {
    description: "HQ",
    transport: "smtp",
    type: "standard",
    journalEmailAddress: "j-1@journal.test",
    ...settings,
  };
  const response = await kit.as("admin", { method: "POST", url: `${api}/connectors`, payload });
  assert.equal(response.statusCode, 201, response.body);
  const connector = response.json();
  const destination = {
    tenant: acme,
    connector: connector.id as ConnectorId,
    type: "standard",
    maxAgeDays: null,
  } as Destination;
  return { kit, connector, destination, url: `${api}/connectors/${connector.id}` };
}

const stranger = { address: "198.51.100.7", helo: "mx.test", tls: null, user: null, certificate: null };

test("a peer that was turned away is shown with its address, name and tries, and allowed by one request", async () => {
  const { kit, url, destination } = await withConnector({ smtp: { permitted: ["192.0.2.0/24"] } });
  await using _ = kit;
  for (let n = 0; n < 3; n += 1) kit.peers.turnedAway(stranger, destination, "source");
  const { turnedAway } = (await kit.as("auditor", { url: `${url}/peers` })).json();
  assert.deepEqual(turnedAway, [
    {
      ...{ address: "198.51.100.7", helo: "mx.test", tls: null, times: 3, lacking: "source" },
      ...{ firstAt: "2030-01-01T00:00:00.000Z", lastAt: "2030-01-01T00:00:00.000Z" },
    },
  ]);
  const allow = { method: "POST", url: `${url}/allow`, payload: { range: "198.51.100.7" } } as const;
  assert.equal((await kit.as("auditor", allow)).statusCode, 403);
  const allowed = await kit.as("operator", allow);
  assert.equal(allowed.statusCode, 200);
  assert.equal(allowed.headers.etag, '"2"');
  assert.deepEqual(allowed.json().smtp.permitted, ["192.0.2.0/24", "198.51.100.7"]);
});

test("nobody sees the peers of another tenant's connector", async () => {
  const { kit, url } = await withConnector();
  await using _ = kit;
  for (const path of ["peers", "recipes"])
    assert.equal((await kit.as("admin", { url: `${url}/${path}` }, other)).statusCode, 404, path);
});

test("what concerns no connector is for those who run the machinery", async () => {
  await using kit = await createKit();
  const refusal = { command: "RCPT", reply: "550 5.1.1 no", reason: "none", helo: "mx", recipient: "x@y", tls: null };
  kit.peers.refused({ peer: "192.0.2.7:25", ...refusal }, []);
  const url = `${api}/smtp/refusals`;
  assert.equal((await kit.as("auditor", { url })).statusCode, 403);
  const [line] = (await kit.as("operator", { url })).json().data;
  assert.deepEqual([line.address, line.reply, line.reason], ["192.0.2.7", "550 5.1.1 no", "none"]);
});

test("the page of peers says how we are reached and how long the certificate lasts, and so does the status", async () => {
  const { kit, url } = await withConnector();
  await using _ = kit;
  const { reach } = (await kit.as("admin", { url: `${url}/peers` })).json();
  assert.equal(reach.name, "archive.test");
  assert.deepEqual(reach.doorways, [{ addresses: ["127.0.0.1"], port: 2525, tls: "starttls" }]);
  assert.equal(reach.certificate.daysLeft, 10);
  assert.deepEqual((await kit.as("admin", { url: `${api}/status` })).json().mail, reach);
});

test("a login is shown once, is kept as a fingerprint only, and can be taken away", async () => {
  const { kit, connector, url } = await withConnector();
  await using _ = kit;
  const made = await kit.as("operator", { method: "POST", url: `${url}/login` });
  assert.equal(made.statusCode, 201);
  const { user, password } = made.json();
  assert.equal(user, "j-1@journal.test");
  const [stored] = await kit.catalogue.connectors(acme);
  assert.equal(stored?.smtp?.login, kit.keyring.fingerprint("smtp-login", `${connector.id} ${password}`));
  const shown = await kit.as("admin", { url });
  assert.equal(shown.json().smtp.hasLogin, true);
  assert.equal(shown.body.includes(stored?.smtp?.login ?? "?"), false);
  assert.equal((await kit.as("operator", { method: "DELETE", url: `${url}/login` })).json().smtp.hasLogin, false);
});

test("settings that cannot be are refused with the field to blame, and change nothing", async () => {
  const { kit, url, connector } = await withConnector();
  await using _ = kit;
  for (const [payload, code, pointer] of [
    [{ smtp: { permitted: ["everyone"] } }, "ADDRESS-RANGE", "/smtp/permitted"],
    [{ smtp: { presets: ["nobody"] } }, "CON-SOURCES", "/smtp"],
    [{ rules: { envelopeHeaders: ["two words"] } }, "CON-ENVELOPE", "/rules"],
  ] as const) {
    const response = await kit.as("admin", { method: "PATCH", url, payload, headers: { "if-match": '"1"' } });
    assert.equal(response.statusCode, 422);
    assert.equal(response.json().code, code);
    assert.equal(response.json().errors[0].pointer, pointer);
  }
  assert.deepEqual((await kit.as("admin", { url })).json(), connector);
});

test("a recipe is filled in with the connector's address and this server's name and port", async () => {
  const { kit, url } = await withConnector({ rules: { subAddress: true } });
  await using _ = kit;
  const { data } = (await kit.as("auditor", { url: `${url}/recipes` })).json();
  const postfix = data.find(({ id }: { id: string }) => id === "postfix");
  assert.deepEqual(postfix.before, []);
  assert.ok(postfix.steps.some(({ code }: { code: string }) => code?.includes("muniment:[archive.test]:2525")));
});

test("providers are listed with their ranges and as of when these were noted", async () => {
  await using kit = await createKit();
  const { data } = (await kit.as("auditor", { url: `${api}/smtp/providers` })).json();
  assert.ok(
    data.some(
      ({ id, ranges, asOf }: { id: string; ranges: string[]; asOf: string }) =>
        id === "microsoft-365" && ranges.includes("40.92.0.0/15") && asOf !== "",
    ),
  );
});
