import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { shownFile } from "./shown-message.ts";
import { threadIdOf } from "./thread-id.ts";

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const at = Date.UTC(2026, 0, 1) as Instant;

test("a journal report is taken off as an EEJ connector does, and stays on as a standard one does", () => {
  const folder = join(corpus, "journal-ace");
  const reports = readdirSync(folder).filter((name) => /\.rfc822$/.test(name));
  assert.ok(reports.length >= 3);
  for (const name of reports) {
    const file = readFileSync(join(folder, name));
    const shown = shownFile(file, "eej", at);
    assert.equal(shown.journal?.dialect, "eej2007", name);
    assert.ok(shown.envelope.recipients.length > 0, name);
    assert.ok(shown.bytes < file.length, name);
    const kept = shownFile(file, "standard", at);
    assert.equal(kept.journal, null);
    assert.equal(kept.bytes, file.length);
  }
});

test("parts are listed with size and digest of their decoded content", () => {
  const file = Buffer.from(
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n' +
      '--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n',
  );
  const [text, attachment] = shownFile(file, "eej", at).parts;
  assert.deepEqual([text?.type, text?.bytes], ["text/plain", 5]);
  assert.deepEqual([attachment?.filename, attachment?.bytes], ["a.pdf", 3]);
  assert.equal(attachment?.sha256, "b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78");
});

test("a conversation has one id from its first message to an answer of an answer", () => {
  const none = { references: [], inReplyTo: null };
  const first = threadIdOf({ ...none, messageId: "<a@x>" });
  assert.equal(threadIdOf({ references: [], inReplyTo: "<a@x>", messageId: "<b@x>" }), first);
  assert.equal(threadIdOf({ references: ["<a@x>", "<b@x>"], inReplyTo: "<b@x>", messageId: "<c@x>" }), first);
  assert.notEqual(threadIdOf({ ...none, messageId: "<z@x>" }), first);
  assert.equal(threadIdOf({ ...none, messageId: null }), null);
});

test("no report of any dialect is taken off where plain mail comes: anybody could have forged it", () => {
  const folder = join(import.meta.dirname, "../../fixtures/journal");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".eml"));
  assert.ok(files.length > 100);
  for (const name of files) {
    const file = readFileSync(join(folder, name));
    const { bytes, journal, envelope, quarantine } = shownFile(file, "standard", at);
    assert.deepEqual([bytes, journal, quarantine], [file.length, null, null], name);
    assert.deepEqual(envelope.recipients, [], name);
  }
});

test("a copy shows its dialect, and no envelope that anybody could have written", () => {
  const file = readFileSync(
    join(import.meta.dirname, "../../fixtures/journal/envelope-fields/zimbra-one-folded-field.eml"),
  );
  const shown = shownFile(file, "eej", at);
  assert.equal(shown.journal?.dialect, "envelope_fields");
  assert.deepEqual([shown.envelope.recipients, shown.bytes], [[], file.length]);
});
