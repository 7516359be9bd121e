import assert from "node:assert/strict";
import { test } from "node:test";
import { type Instant, isFailure } from "#core/index.ts";
import { acme, createParts, other } from "../../test/api/kit.ts";
import { createConnectors, descriptionCharactersMax } from "./create-connectors.ts";

const fresh = { description: "HQ", journalEmailAddress: "J-1@Journal.example", type: "eej", maxAgeDays: 30 } as const;

const outside = {
  fingerprint: String,
  smtpAddress: () => "",
  sealPassword: async () => "",
  mailboxState: () => null,
};

function failsWith(code: string, field?: string) {
  return (error: unknown) => isFailure(error, code) && (field === undefined || Reflect.get(error, "field") === field);
}

test("a new connector is enabled, awaits its first mail, and keeps its address as typed", async () => {
  const { connectors } = await createParts();
  const added = await connectors.add(acme, { ...fresh, description: "  HQ " });
  assert.match(added.id, /^con_[0-9a-z]{16}$/);
  const { description, enabled, journalEmailAddress, hostname, status, lastSuccessAt, received, version } = added;
  assert.deepEqual(
    { description, enabled, journalEmailAddress, hostname, status, lastSuccessAt, received, version },
    {
      description: "HQ",
      enabled: true,
      journalEmailAddress: "J-1@Journal.example",
      hostname: "127.0.0.1:2525",
      status: "awaiting_initial_run",
      lastSuccessAt: null,
      received: 0,
      version: 1,
    },
  );
  assert.deepEqual(await connectors.list(acme), [added]);
});

test("the numbers are the archive's, and what is received is their sum", async () => {
  const { archive, connectors, clock } = await createParts();
  const { id } = await connectors.add(acme, fresh);
  archive.tally(id, {
    archived: 5,
    duplicate: 4,
    quarantined: 3,
    held: 2,
    processing: 1,
    oldestAgeSeconds: 9,
    lastReceivedAt: clock.now(),
  });
  const view = await connectors.get(acme, id);
  assert.equal(view.received, 15);
  assert.deepEqual([view.processingQueue, view.oldestAgeSeconds, view.lastSuccessAt], [1, 9, clock.now()]);
  assert.equal(view.status, "running_quarantine");
});

test("the last success is the later of what is archived and what has just come in", async () => {
  const parts = await createParts();
  const { id } = await parts.connectors.add(acme, fresh);
  const cases: [number | null, number | null, number | null][] = [
    [null, null, null],
    [7, null, 7],
    [null, 8, 8],
    [7, 8, 8],
    [9, 8, 9],
  ];
  for (const [archived, flowing, expected] of cases) {
    parts.archive.tally(id, { archived: 1, lastReceivedAt: archived as Instant | null });
    const archive = {
      status: parts.archive.status,
      clockDoubt: () => null,
      flow: () => ({ processing: 0, oldestAgeSeconds: 0, lastReceivedAt: flowing as Instant | null }),
    };
    assert.equal((await createConnectors({ ...parts, ...outside, archive }).get(acme, id)).lastSuccessAt, expected);
  }
});

const refused: [string, object, string][] = [
  ["an address without a domain", { journalEmailAddress: "journal" }, "CON-ADDRESS"],
  ["an empty description", { description: "  " }, "CON-DESCRIPTION"],
  ["a description of 121 characters", { description: "x".repeat(descriptionCharactersMax + 1) }, "CON-DESCRIPTION"],
  ["an age of no days", { maxAgeDays: 0 }, "CON-AGE"],
  ["an age of half a day", { maxAgeDays: 0.5 }, "CON-AGE"],
  ["an age above a hundred years", { maxAgeDays: 36_501 }, "CON-AGE"],
];
for (const [name, change, code] of refused) {
  test(`${name} is refused, new and edited`, async () => {
    const { connectors } = await createParts();
    const { id } = await connectors.add(acme, fresh);
    await assert.rejects(
      connectors.add(acme, { ...fresh, description: "B", journalEmailAddress: "b@x.example", ...change }),
      failsWith(code),
    );
    await assert.rejects(connectors.edit(acme, id, 1, change), failsWith(code));
    assert.equal((await connectors.get(acme, id)).version, 1);
  });
}

const accepted: [string, object][] = [
  ["a description of 120 characters", { description: "x".repeat(descriptionCharactersMax) }],
  ["an age of one day", { maxAgeDays: 1 }],
  ["an age of a hundred years", { maxAgeDays: 36_500 }],
  ["no age rule", { maxAgeDays: null }],
];
for (const [name, change] of accepted) {
  test(`${name} is taken`, async () => {
    const { connectors } = await createParts();
    await connectors.add(acme, { ...fresh, ...change });
  });
}

const taken: [string, object, string][] = [
  ["an address that differs in case only", { journalEmailAddress: "j-1@JOURNAL.example" }, "journalEmailAddress"],
  ["a description that differs in case only", { description: "hq" }, "description"],
];
for (const [name, change, field] of taken) {
  test(`${name} is taken, and it is said which field`, async () => {
    const { connectors } = await createParts();
    await connectors.add(acme, fresh);
    const second = { ...fresh, description: "B", journalEmailAddress: "b@x.example" };
    await assert.rejects(connectors.add(acme, { ...second, ...change }), failsWith("CON-CONFLICT", field));
    const { id } = await connectors.add(acme, second);
    await assert.rejects(connectors.edit(acme, id, 1, change), failsWith("CON-CONFLICT", field));
  });
}

test("another tenant may use the description, never the address", async () => {
  const { connectors } = await createParts();
  await connectors.add(acme, fresh);
  await assert.rejects(connectors.add(other, fresh), failsWith("CON-CONFLICT", "journalEmailAddress"));
  await connectors.add(other, { ...fresh, journalEmailAddress: "b@x.example" });
});

test("a connector keeps its own names through an edit", async () => {
  const { connectors } = await createParts();
  const { id } = await connectors.add(acme, fresh);
  const edited = await connectors.edit(acme, id, 1, { journalEmailAddress: "j-1@journal.EXAMPLE", description: "hq" });
  assert.deepEqual([edited.journalEmailAddress, edited.description], ["j-1@journal.EXAMPLE", "hq"]);
});

test("an edit changes what it names and raises the version", async () => {
  const { connectors } = await createParts();
  const added = await connectors.add(acme, fresh);
  const edited = await connectors.edit(acme, added.id, 1, { enabled: false, maxAgeDays: null });
  assert.equal(edited.status, "disabled");
  const { status: _, statusReason: __, ageRule: before, ...rest } = added;
  const { status: ___, statusReason: ____, ageRule: after, ...got } = edited;
  assert.deepEqual(got, { ...rest, enabled: false, maxAgeDays: null, version: 2 });
  assert.deepEqual([before.state, after.state], ["in_force", "off"]);
});

test("another type brings its own age rule along, unless the edit names one", async () => {
  const { connectors } = await createParts();
  const { id } = await connectors.add(acme, fresh);
  const changes = [
    { type: "standard" },
    { type: "standard", maxAgeDays: 7 },
    { type: "standard", description: "C" },
    { type: "eej" },
    { type: "standard", maxAgeDays: 9 },
  ] as const;
  const ages: (number | null)[] = [];
  for (const [index, change] of changes.entries()) {
    ages.push((await connectors.edit(acme, id, index + 1, change)).maxAgeDays);
  }
  assert.deepEqual(ages, [null, 7, 7, 30, 9]);
});

test("an edit of a version that is gone is stale", async () => {
  const { connectors } = await createParts();
  const { id } = await connectors.add(acme, fresh);
  await connectors.edit(acme, id, 1, { enabled: false });
  await assert.rejects(connectors.edit(acme, id, 1, { enabled: true }), failsWith("CON-STALE"));
});

test("of two edits at once of one version one is stale", async () => {
  const { connectors } = await createParts();
  const { id } = await connectors.add(acme, fresh);
  const outcomes = await Promise.allSettled([
    connectors.edit(acme, id, 1, { maxAgeDays: 1 }),
    connectors.edit(acme, id, 1, { maxAgeDays: 2 }),
  ]);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  assert.equal(reasons.length, 1);
  assert.ok(isFailure(reasons[0], "CON-STALE"));
});

test("of two new connectors at once with one address one conflicts", async () => {
  const { connectors } = await createParts();
  const outcomes = await Promise.allSettled([
    connectors.add(acme, fresh),
    connectors.add(acme, { ...fresh, description: "B" }),
  ]);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  assert.equal(reasons.length, 1);
  assert.ok(isFailure(reasons[0], "CON-CONFLICT"));
});

test("another tenant's connector is unknown", async () => {
  const { connectors } = await createParts();
  const { id } = await connectors.add(acme, fresh);
  await assert.rejects(connectors.get(other, id), failsWith("CON-UNKNOWN"));
  await assert.rejects(connectors.edit(other, id, 1, { enabled: false }), failsWith("CON-UNKNOWN"));
  assert.deepEqual(await connectors.list(other), []);
});

test("listeners hear of each change once it is stored, until they leave", async () => {
  const { connectors } = await createParts();
  const heard: number[] = [];
  const leave = connectors.onChange(async () => {
    heard.push((await connectors.list(acme)).length);
  });
  const { id } = await connectors.add(acme, fresh);
  await connectors.edit(acme, id, 1, { enabled: false });
  await assert.rejects(connectors.edit(acme, id, 1, { enabled: true }));
  leave();
  await connectors.edit(acme, id, 2, { enabled: true });
  assert.deepEqual(heard, [1, 1]);
});

test("names are those of the tenant's own connectors", async () => {
  const { connectors } = await createParts();
  const { id } = await connectors.add(acme, fresh);
  assert.deepEqual([...(await connectors.names(acme))], [[id, "HQ"]]);
  assert.deepEqual([...(await connectors.names(other))], []);
});
