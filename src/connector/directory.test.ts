import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorEntry } from "#catalogue/index.ts";
import type { ConnectorId, Instant } from "#core/index.ts";
import { acme, createParts, other } from "../../test/api/kit.ts";
import { createDirectory } from "./directory.ts";

function entry(journalEmailAddress: string, changes: Partial<ConnectorEntry> = {}): ConnectorEntry {
  return {
    id: `con_${journalEmailAddress}` as ConnectorId,
    tenant: acme,
    description: journalEmailAddress,
    enabled: true,
    journalEmailAddress,
    transport: "smtp",
    type: "eej",
    maxAgeDays: 30,
    pop3: null,
    createdAt: 0 as Instant,
    version: 1,
    ...changes,
  };
}

async function directoryOf(...entries: ConnectorEntry[]) {
  const { catalogue } = await createParts();
  for (const one of entries) await catalogue.addConnector(one);
  const directory = createDirectory(catalogue);
  await directory.refresh();
  return { catalogue, directory };
}

test("a journal address is admitted in any case, with where its mail belongs", async () => {
  const { directory } = await directoryOf(entry("J-1@Journal.example", { tenant: other, maxAgeDays: null }));
  assert.deepEqual(directory.admit("<j-1@JOURNAL.example>"), {
    kind: "admitted",
    destination: { tenant: other, connector: "con_J-1@Journal.example", type: "eej", maxAgeDays: null },
  });
});

const decisions: [string, string][] = [
  ["j-1+anything@journal.example", "admitted"],
  ["j-1+alice=example.org@journal.example", "admitted"],
  ["off@journal.example", "deferred"],
  ["off+rest@journal.example", "deferred"],
  ["j-2@journal.example", "refused"],
  ["j-1@elsewhere.example", "refused"],
  ["pulled@journal.example", "refused"],
  ["", "refused"],
  ["postmaster", "refused"],
];
for (const [recipient, kind] of decisions) {
  test(`${recipient || "an empty recipient"} is ${kind}`, async () => {
    const { directory } = await directoryOf(
      entry("j-1@journal.example"),
      entry("off@journal.example", { enabled: false }),
      entry("pulled@journal.example", { transport: "pop3" }),
    );
    assert.equal(directory.admit(recipient).kind, kind);
  });
}

test("an address with a plus of its own goes before the one without", async () => {
  const { directory } = await directoryOf(entry("j@x.example"), entry("j+hr@x.example"));
  const admission = directory.admit("j+hr+2030@x.example");
  assert.equal(admission.kind === "admitted" && admission.destination.connector, "con_j+hr@x.example");
});

test("everyone is deferred until the connectors were read", async () => {
  const { catalogue } = await createParts();
  assert.equal(createDirectory(catalogue).admit("j@x.example").kind, "deferred");
});

test("an edit takes hold with the next refresh", async () => {
  const { catalogue, directory } = await directoryOf(entry("j@x.example"));
  await catalogue.editConnector(entry("j@x.example", { enabled: false, version: 2 }));
  assert.equal(directory.admit("j@x.example").kind, "admitted");
  await directory.refresh();
  assert.equal(directory.admit("j@x.example").kind, "deferred");
});

test("a refresh that fails leaves the last good state in force, and the next one works", async () => {
  let isBroken = false;
  const directory = createDirectory({
    connectors: async () => {
      if (isBroken) throw new Error("broken");
      return [entry("j@x.example")];
    },
  });
  await directory.refresh();
  isBroken = true;
  await assert.rejects(directory.refresh(), /broken/);
  assert.equal(directory.admit("j@x.example").kind, "admitted");
  isBroken = false;
  await directory.refresh();
});

test("of two refreshes at once the later reading wins", async () => {
  const answers: ((entries: ConnectorEntry[]) => void)[] = [];
  const directory = createDirectory({ connectors: () => new Promise((resolve) => answers.push(resolve)) });
  const both = [directory.refresh(), directory.refresh()];
  await Promise.resolve();
  answers[0]!([entry("old@x.example")]);
  await both[0];
  await Promise.resolve();
  answers[1]!([entry("new@x.example")]);
  await both[1];
  assert.equal(directory.admit("new@x.example").kind, "admitted");
  assert.equal(directory.admit("old@x.example").kind, "refused");
});
