import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connector } from "../../api.generated.ts";
import { statusWords, worstFirst } from "./status.ts";
import { columnIds, columns, matches, nextSort, sortingFrom } from "./table.ts";

const connector = (more: Partial<Connector>): Connector => ({
  id: "con_1",
  description: "Exchange HQ",
  enabled: true,
  journalEmailAddress: "j@journal.example.com",
  hostname: "127.0.0.1:2525",
  transport: "smtp",
  type: "eej",
  processingQueue: 0,
  oldestAgeSeconds: 0,
  pop3MailboxQueue: null,
  pop3MailboxQueueAt: null,
  status: "running",
  statusReason: "",
  lastSuccessAt: null,
  maxAgeDays: 30,
  archived: 0,
  duplicate: 0,
  quarantined: 0,
  held: 0,
  received: 0,
  fidelity: { grade: null, sentence: "", receipts: 0 },
  sourceClocks: [],
  ageRule: { state: "in_force", sentence: "" },
  looped: 0,
  lastLoopedAt: null,
  pop3: null,
  mailbox: null,
  smtp: null,
  rules: { envelopeHeaders: [], subAddress: false },
  createdAt: "2026-01-01T00:00:00Z",
  version: 1,
  ...more,
});

test("begins with the guide's nine columns in its order and words", () => {
  assert.deepEqual(
    columns.slice(0, 9).map(({ header }) => header),
    [
      "Description",
      "Enabled",
      "Journal Email Address",
      "Hostname / IP",
      "Transport",
      "Type",
      "Processing Queue",
      "POP3 Mailbox Queue",
      "Service Status",
    ],
  );
});

test("a click sorts a column up, then down, then not at all", () => {
  for (const column of columnIds) {
    assert.equal(nextSort(undefined, column), column);
    assert.equal(nextSort(column, column), `-${column}`);
    assert.equal(nextSort(`-${column}`, column), undefined);
  }
});

test("an address with an unknown sort shows the worst first", () => {
  assert.deepEqual(sortingFrom("-archived"), [{ id: "archived", desc: true }]);
  for (const sort of [undefined, "nothing", "--archived", "-"]) {
    assert.deepEqual(sortingFrom(sort), [{ id: "status", desc: false }], sort);
  }
});

test("the worst state comes first, then the oldest queue, then the name", () => {
  const rows = [
    connector({ id: "5", status: "disabled" }),
    connector({ id: "4", status: "running", description: "B" }),
    connector({ id: "3", status: "running", description: "A" }),
    connector({ id: "2", status: "running", oldestAgeSeconds: 9 }),
    connector({ id: "1", status: "error" }),
  ];
  assert.deepEqual(
    rows.sort(worstFirst).map(({ id }) => id),
    ["1", "2", "3", "4", "5"],
  );
});

test("an error says its reason", () => {
  assert.equal(statusWords(connector({ status: "error", statusReason: "disk full" })), "Error — disk full");
  assert.equal(statusWords(connector({ status: "running", statusReason: "x" })), "Running");
});

test("filters by every word of what the row says, whatever the case", () => {
  const table: [string, boolean][] = [
    ["exchange", true],
    ["EEJ smtp", true],
    ["journal.example", true],
    ["disabled", false],
    ["exchange pop3", false],
    [" ", true],
  ];
  for (const [filter, found] of table) assert.equal(matches(connector({}), filter), found, filter);
});
