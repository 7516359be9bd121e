import assert from "node:assert/strict";
import { test } from "node:test";
import { importConnectorId } from "#core/index.ts";
import { acme, createKit } from "../../../test/api/kit.ts";

const fresh = { description: "HQ", transport: "smtp", type: "eej", journalEmailAddress: "j-1@journal.example" };
const url = "/api/v1/connectors";

async function withConnector() {
  const kit = await createKit();
  const response = await kit.as("operator", { method: "POST", url, payload: fresh });
  return { kit, response, connector: response.json() };
}

test("a new connector is answered whole, with its version", async () => {
  const { kit, response, connector } = await withConnector();
  await using _ = kit;
  assert.equal(response.statusCode, 201);
  assert.equal(response.headers.etag, '"1"');
  assert.deepEqual(connector, {
    id: connector.id,
    description: "HQ",
    enabled: true,
    journalEmailAddress: "j-1@journal.example",
    hostname: "127.0.0.1:2525",
    transport: "smtp",
    type: "eej",
    processingQueue: 0,
    oldestAgeSeconds: 0,
    pop3MailboxQueue: null,
    pop3MailboxQueueAt: null,
    status: "awaiting_initial_run",
    statusReason: "Nothing has been delivered to j-1@journal.example yet.",
    lastSuccessAt: null,
    maxAgeDays: 30,
    archived: 0,
    duplicate: 0,
    quarantined: 0,
    held: 0,
    received: 0,
    looped: 0,
    lastLoopedAt: null,
    fidelity: { grade: null, sentence: "Nothing has arrived yet that tells of an envelope.", receipts: 0 },
    sourceClocks: [],
    ageRule: { state: "in_force", sentence: "Mail that arrived at its source more than 30 days ago is held." },
    pop3: null,
    mailbox: null,
    smtp: { permitted: [], presets: [], requireTls: false, hasLogin: false, certificate: null, isOpen: true },
    rules: { envelopeHeaders: [], subAddress: false },
    createdAt: "2030-01-01T00:00:00.000Z",
    version: 1,
  });
  const list = (await kit.as("auditor", { url })).json();
  assert.deepEqual(list, { data: [connector], nextCursor: null, asOf: "2030-01-01T00:00:00.000Z" });
  assert.deepEqual((await kit.as("auditor", { url: `${url}/${connector.id}` })).json(), connector);
});

test("the age rule can be switched off", async () => {
  await using kit = await createKit();
  const response = await kit.as("admin", { method: "POST", url, payload: { ...fresh, maxAgeDays: null } });
  assert.equal(response.json().maxAgeDays, null);
});

const refused: [string, object, number, string, string?][] = [
  [
    "a taken address",
    { description: "B", journalEmailAddress: "J-1@JOURNAL.example" },
    409,
    "CON-CONFLICT",
    "/journalEmailAddress",
  ],
  ["a taken description", { journalEmailAddress: "b@x.example" }, 409, "CON-CONFLICT", "/description"],
  [
    "a bad address",
    { description: "B", journalEmailAddress: "no address" },
    422,
    "CON-ADDRESS",
    "/journalEmailAddress",
  ],
  ["a transport there is not", { transport: "imap" }, 400, "REQUEST-INVALID", "/transport"],
  ["a description of 121 characters", { description: "x".repeat(121) }, 400, "REQUEST-INVALID", "/description"],
];
for (const [name, change, status, code, pointer] of refused) {
  test(`${name} is ${status} ${code}`, async () => {
    const { kit } = await withConnector();
    await using _ = kit;
    const response = await kit.as("admin", { method: "POST", url, payload: { ...fresh, ...change } });
    assert.equal(response.statusCode, status, response.body);
    assert.deepEqual([response.json().code, response.json().errors[0].pointer], [code, pointer]);
  });
}

const edits: [string, Record<string, string>, object, number, string | null][] = [
  ["with the version bare", { "if-match": "1" }, { enabled: false }, 200, null],
  ["with the version in quotes", { "if-match": '"1"' }, { enabled: false }, 200, null],
  ["without a version", {}, { enabled: false }, 428, "PRECONDITION-REQUIRED"],
  ["with another version", { "if-match": "2" }, { enabled: false }, 412, "CON-STALE"],
  ["with any version", { "if-match": "*" }, { enabled: false }, 400, "REQUEST-INVALID"],
  ["with a field that is none", { "if-match": "1" }, { hostname: "x" }, 400, "REQUEST-INVALID"],
  ["with a bad address", { "if-match": "1" }, { journalEmailAddress: "x" }, 422, "CON-ADDRESS"],
];
for (const [name, headers, payload, status, code] of edits) {
  test(`an edit ${name} is ${status}`, async () => {
    const { kit, connector } = await withConnector();
    await using _ = kit;
    const response = await kit.as("admin", { method: "PATCH", url: `${url}/${connector.id}`, headers, payload });
    assert.equal(response.statusCode, status, response.body);
    if (code === null) {
      const { enabled, version, status: word } = response.json();
      assert.deepEqual([enabled, version, word, response.headers.etag], [false, 2, "disabled", '"2"']);
    } else {
      assert.equal(response.json().code, code);
    }
  });
}

test("the status lists every connector, by name, and leaves nothing unaccounted", async () => {
  const { kit, connector } = await withConnector();
  await using _ = kit;
  const quiet = { description: "Quiet", journalEmailAddress: "q@x.example", type: "eej", maxAgeDays: 30 } as const;
  await kit.connectors.add(acme, quiet);
  kit.archive.tally(importConnectorId, { archived: 1 });
  kit.archive.tally(connector.id, { archived: 5, duplicate: 1, quarantined: 1, held: 1, processing: 2 });
  const status = (await kit.as("operator", { url: "/api/v1/status" })).json();
  assert.deepEqual([status.received, status.unaccounted], [11, 0]);
  assert.deepEqual(
    status.connectors.map((line: Record<string, unknown>) => [line.description, line.received, line.processing]),
    [
      ["HQ", 10, 2],
      ["Quiet", 0, 0],
      ["Import", 1, 0],
    ],
  );
});

test("what does not add up is shown as unaccounted", async () => {
  const { kit, connector } = await withConnector();
  await using _ = kit;
  kit.archive.tally(connector.id, { archived: 5 });
  const { status } = kit.archive;
  kit.archive.status = async (tenant) => ({ ...(await status(tenant)), received: 7 });
  assert.equal((await kit.as("operator", { url: "/api/v1/status" })).json().unaccounted, 2);
});
