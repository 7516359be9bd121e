import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow } from "#catalogue/index.ts";
import type { ConnectorId, Instant } from "#core/index.ts";
import { StillClock } from "../../test/dialog/still-clock.ts";
import { awaitCanary, type CanaryParts } from "./canary.ts";

const id = "con_one" as ConnectorId;
const call = { word: "canary123", address: "j@archive.example", seconds: 60 };
type Receipt = MessageRow["receipts"][number];

function receiptOf(clock: StillClock, change: Partial<Receipt> = {}): Receipt {
  const hop = { transport: "smtp", peer: "192.0.2.7:40000", helo: "mail.example.com", tls: "TLSv1.3 X" };
  const envelope = { sender: "a@x", onBehalfOf: null, recipients: [{ address: "b@x" }, { address: "c@x" }] };
  const at = { receivedAt: (clock.now() - 1_000) as Instant, archivedAt: clock.now() };
  const what = { connector: id, state: "archived", reason: null, flags: [], report: {} };
  return { ...what, ...at, hop, envelope, ...change } as Receipt;
}

function bed(more: Partial<CanaryParts> = {}) {
  const clock = new StillClock();
  const wakes = new Set<() => void>();
  const inbox: { row: MessageRow | undefined; looks: number } = { row: undefined, looks: 0 };
  const parts: CanaryParts = {
    clock,
    find: async () => {
      inbox.looks += 1;
      return inbox.row;
    },
    changed: (signal) =>
      new Promise((resolve) => {
        wakes.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    refusedSince: () => [],
    nameOf: () => "Other",
    ...more,
  };
  const come = (change: (clock: StillClock) => Partial<Receipt> = () => ({})) => {
    inbox.row = { receipts: [receiptOf(clock, change(clock))] } as unknown as MessageRow;
    for (const wake of wakes) wake();
  };
  return { clock, inbox, parts, come };
}

const turn = async () => {
  for (let count = 0; count < 10; count += 1) await Promise.resolve();
};
const never = new AbortController().signal;

test("a canary that comes is told with its time and its way", async () => {
  const { clock, parts, come } = bed();
  const waiting = awaitCanary(call, { id, type: "eej" }, parts, never);
  await turn();
  clock.advance(5_000);
  come();
  await turn();
  clock.advance(500);
  const { state, evidence } = await waiting;
  assert.equal(state, "passed");
  assert.deepEqual(evidence, [
    "taken after 4.0 s, archived after 5.0 s",
    "searchable after 5.5 s",
    "a journal report, 2 envelope recipients from 192.0.2.7:40000 (mail.example.com), TLSv1.3 X, archived",
  ]);
});

const ways: [string, Partial<Receipt>, "passed" | "warned" | "failed", string, RegExp][] = [
  [
    "an ordinary mail on a connector for reports",
    { report: null, envelope: null },
    "warned",
    "C",
    /without an envelope/,
  ],
  ["one that came through another connector", { connector: "con_2" as ConnectorId }, "failed", "C", /through Other/],
  [
    "one that is quarantined",
    { state: "quarantined", reason: "envelope_unreadable" },
    "failed",
    "F",
    /is quarantined: envelope_unreadable/,
  ],
];
for (const [name, change, state, grade, words] of ways)
  test(`${name} is told as such`, async () => {
    const { parts, come } = bed();
    come(() => change);
    const finding = await awaitCanary(call, { id, type: "eej" }, parts, never);
    assert.deepEqual([finding.state, finding.grade], [state, grade]);
    assert.match(finding.meaning, words);
  });

test("a canary that does not come fails after its time, with who was turned away meanwhile", async () => {
  for (const [refused, words] of [
    [[], /did not send it, or cannot reach/],
    [["198.51.100.1 was turned away meanwhile: it lacks source"], /was not let in/],
  ] as const) {
    const { clock, parts } = bed({ refusedSince: () => [...refused] });
    const waiting = awaitCanary(call, { id, type: "standard" }, parts, never);
    await turn();
    clock.advance(60_000);
    await turn();
    clock.advance(500);
    const { state, evidence, meaning } = await waiting;
    assert.equal(state, "failed");
    assert.match(meaning, words);
    assert.deepEqual(evidence, ["no mail with canary123 came within 60 s", ...refused]);
  }
});

test("however often something changes, it looks twice a second at most, and ends when nobody waits any more", async () => {
  const { clock, inbox, parts, come } = bed();
  const gone = new AbortController();
  const waiting = awaitCanary(call, { id, type: "eej" }, parts, gone.signal);
  await turn();
  for (let change = 0; change < 100; change += 1) {
    come();
    inbox.row = undefined;
    await turn();
  }
  assert.equal(inbox.looks, 1);
  clock.advance(500);
  await turn();
  assert.equal(inbox.looks, 2);
  gone.abort();
  assert.equal((await waiting).state, "failed");
});
