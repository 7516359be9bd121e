import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { unwrap } from "#journal/index.ts";
import { readMessage } from "#mail/index.ts";
import { furtherReport } from "./further-report.ts";

const now = Date.UTC(2026, 2, 3, 9, 30) as Instant;
const count = 300;

/** What one report says, and what the message in it says of itself. */
function readReport(seed: number, index: number) {
  const { bytes } = furtherReport(seed, index, now);
  const found = unwrap(bytes, readMessage(bytes));
  assert.ok(found.kind === "report", `${index}`);
  const message = readMessage(bytes.subarray(found.inner.start, found.inner.end));
  assert.deepEqual(message.defects, [], `${index}`);
  return { recipients: found.envelope.recipients, message };
}

const reports = Array.from({ length: count }, (_, index) => readReport(7, index));

test("every report names each recipient once, never its author, and the message hides those of Bcc", () => {
  for (const { recipients, message } of reports) {
    const addresses = recipients.map(({ address }) => address);
    assert.equal(new Set(addresses).size, addresses.length);
    assert.ok(!addresses.includes(message.headers.from[0]?.address ?? ""));
    const shown = [...message.headers.to, ...message.headers.cc].map(({ address }) => address);
    for (const { address, role, relation, via } of recipients) {
      const isShown = shown.includes(relation === "direct" ? address : (via ?? ""));
      assert.equal(isShown, role !== "bcc", address);
    }
  }
});

test("the stream is varied: Bcc, lists, attachments, recipients not to be believed, many subjects, no id twice", () => {
  const kinds = {
    bcc: reports.filter(({ recipients }) => recipients.some(({ role }) => role === "bcc")),
    list: reports.filter(({ recipients }) => recipients.some(({ relation }) => relation === "expanded")),
    unknown: reports.filter(({ recipients }) => recipients.some(({ role }) => role === "unknown")),
    file: reports.filter(({ message }) => message.parts.some(({ filename }) => filename !== null)),
  };
  for (const [kind, found] of Object.entries(kinds)) {
    assert.ok(found.length > count / 20 && found.length < count / 2, `${kind} ${found.length}`);
  }
  assert.ok(new Set(reports.map(({ message }) => message.headers.subject)).size > 80);
  assert.equal(new Set(reports.map(({ message }) => message.headers.messageId)).size, count);
});

test("the same seed, index and time give the same bytes; another seed or index gives others", () => {
  const bytes = (seed: number, index: number) => furtherReport(seed, index, now).bytes.toString("latin1");
  assert.equal(bytes(7, 3), bytes(7, 3));
  assert.notEqual(bytes(7, 3), bytes(8, 3));
  assert.notEqual(bytes(7, 3), bytes(7, 4));
});
