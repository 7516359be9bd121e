import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { testDoor } from "./test-door.ts";

const now = Date.UTC(2030, 0, 1) as Instant;
const day = 86_400_000;
const good: Parameters<typeof testDoor>[0] = {
  ...{ journalAddress: "j@x.example", version: 1, isEnabled: true, permitted: ["192.0.2.0/24"], turnedAway: [] },
  doorways: [{ place: "192.0.2.1 port 25", tls: "starttls", command: "192.0.2.1:25 -starttls smtp" }],
  certificate: { subject: "CN=x", sha256: "ab", validUntil: (now + 60 * day) as Instant },
  delivered: [{ address: "192.0.2.7", lastAt: now, tls: "TLSv1.3" }],
  lastReceivedAt: now,
};
const away = [{ address: "198.51.100.1", lastAt: now, lacking: "source" }];

const cases: [string, Partial<typeof good>, string, boolean, string][] = [
  ["everything in order is an A", {}, "A", true, ""],
  ["no listener fails", { doorways: [] }, "F", false, "listener"],
  ["a disabled connector fails", { isEnabled: false }, "F", false, "listener"],
  ["no certificate caps at D", { certificate: null }, "D", true, ""],
  [
    "a certificate that ends in 20 days caps at B",
    { certificate: { ...good.certificate!, validUntil: (now + 20.5 * day) as Instant } },
    "B",
    true,
    "",
  ],
  [
    "one that ends in 21 days does not",
    { certificate: { ...good.certificate!, validUntil: (now + 21 * day) as Instant } },
    "A",
    true,
    "",
  ],
  [
    "an expired certificate fails",
    { certificate: { ...good.certificate!, validUntil: (now - 1) as Instant } },
    "F",
    false,
    "certificate",
  ],
  ["open to everyone caps at B", { permitted: [] }, "B", true, ""],
  ["some turned away caps at B", { turnedAway: away }, "B", true, ""],
  ["only turned away fails", { turnedAway: away, delivered: [] }, "F", false, "peers"],
  ["no mail ever fails, and says what to do", { lastReceivedAt: null }, "F", false, "canary"],
  ["no mail for five days caps at B", { lastReceivedAt: (now - 5 * day) as Instant }, "B", true, ""],
];
for (const [name, change, grade, isPassed, failing] of cases) {
  test(name, async () => {
    const told: string[] = [];
    const clock = { now: () => now, elapsedMs: () => 0 };
    const facts = { ...good, ...change };
    const report = await testDoor(facts, clock, null, (step) => told.push(step.name), new AbortController().signal);
    assert.deepEqual(told, ["listener", "certificate", "sources", "peers", "canary"]);
    assert.deepEqual([report.grade, report.passed], [grade, isPassed], JSON.stringify(report.steps));
    assert.equal(
      report.steps
        .filter(({ ok }) => !ok)
        .map((step) => step.name)
        .join(),
      failing,
    );
    for (const { state, meaning, fix } of report.steps) assert.ok(state === "passed" || (meaning !== "" && fix !== ""));
  });
}
