import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorEntry } from "#catalogue/index.ts";
import type { ConnectorId, Instant } from "#core/index.ts";
import type { Sender } from "#spool/index.ts";
import { acme, createParts, other } from "../../test/api/kit.ts";
import { createDirectory } from "./directory.ts";
import { loginText } from "./login.ts";
import { openToAll } from "./permission.ts";

const stranger: Sender = { address: "198.51.100.7", helo: "mx.test", tls: null, user: null, certificate: null };

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
  assert.deepEqual(directory.admit("<j-1@JOURNAL.example>", stranger), {
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
    assert.equal(directory.admit(recipient, stranger).kind, kind);
  });
}

test("an address with a plus of its own goes before the one without", async () => {
  const { directory } = await directoryOf(entry("j@x.example"), entry("j+hr@x.example"));
  const admission = directory.admit("j+hr+2030@x.example", stranger);
  assert.equal(admission.kind === "admitted" && admission.destination.connector, "con_j+hr@x.example");
});

test("everyone is deferred until the connectors were read", async () => {
  const { catalogue } = await createParts();
  assert.equal(createDirectory(catalogue).admit("j@x.example", stranger).kind, "deferred");
});

test("an edit takes hold with the next refresh", async () => {
  const { catalogue, directory } = await directoryOf(entry("j@x.example"));
  await catalogue.editConnector(entry("j@x.example", { enabled: false, version: 2 }));
  assert.equal(directory.admit("j@x.example", stranger).kind, "admitted");
  await directory.refresh();
  assert.equal(directory.admit("j@x.example", stranger).kind, "deferred");
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
  assert.equal(directory.admit("j@x.example", stranger).kind, "admitted");
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
  assert.equal(directory.admit("new@x.example", stranger).kind, "admitted");
  assert.equal(directory.admit("old@x.example", stranger).kind, "refused");
});

test("a sender that is not permitted is told so, and only addresses on a list are expected", async () => {
  const { directory } = await directoryOf(
    entry("j-1@journal.example", { smtp: { ...openToAll, permitted: ["192.0.2.0/24"] } }),
    entry("off@journal.example", { enabled: false, smtp: { ...openToAll, permitted: ["203.0.113.0/24"] } }),
  );
  const admission = directory.admit("j-1@journal.example", stranger);
  assert.equal(admission.kind === "unpermitted" && admission.lacking, "source");
  assert.equal(directory.admit("j-1@journal.example", { ...stranger, address: "192.0.2.9" }).kind, "admitted");
  assert.deepEqual(
    ["192.0.2.9", "198.51.100.7", "203.0.113.1"].map((address) => directory.expects(address)),
    [true, false, false],
  );
});

test("a login is a journal address with the password made for it, of an enabled connector", async () => {
  const fingerprint = (text: string) => `kept ${text}`;
  const login = fingerprint(loginText("con_j-1@journal.example" as ConnectorId, "secret"));
  const { catalogue } = await createParts();
  const one = entry("j-1@journal.example", { smtp: { ...openToAll, login } });
  await catalogue.addConnector(one);
  await catalogue.addConnector(entry("open@journal.example"));
  const directory = createDirectory(catalogue, fingerprint);
  await directory.refresh();
  assert.equal(directory.hasLogins(), true);
  assert.equal(directory.knowsLogin("J-1@journal.example", "secret"), true);
  assert.equal(directory.knowsLogin("j-1@journal.example", "other"), false);
  assert.equal(directory.knowsLogin("open@journal.example", "secret"), false);
  await catalogue.editConnector({ ...one, enabled: false, version: 2 });
  await directory.refresh();
  assert.equal(directory.knowsLogin("j-1@journal.example", "secret"), false);
  assert.equal(directory.hasLogins(), false);
});

test("what a connector believes of plain copies travels with where its mail belongs", async () => {
  const { directory } = await directoryOf(
    entry("j-1@journal.example", { rules: { envelopeHeaders: ["Delivered-To"], subAddress: true } }),
  );
  const admission = directory.admit("j-1+a=b.example@journal.example", stranger);
  assert.deepEqual(admission.kind === "admitted" && admission.destination.envelope, {
    headers: ["delivered-to"],
    subAddressOf: "j-1@journal.example",
  });
});

test("a mistyped recipient is near to the connectors of its domain", async () => {
  const { directory } = await directoryOf(entry("j-1@journal.example"), entry("j@elsewhere.example"));
  assert.deepEqual(directory.nearTo("jurnal@JOURNAL.example"), [{ tenant: acme, id: "con_j-1@journal.example" }]);
  assert.deepEqual(directory.nearTo("x@nowhere.example"), []);
  assert.deepEqual(directory.nearTo("postmaster"), []);
});
