import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, type Status, settled, startServer } from "../support/server.ts";
import { sendAll } from "../support/smtp-client.ts";

interface Listed {
  items: { receipt: string; state: string; reason: string; bytes: number; sha256: string; actions: string[] }[];
  reasons: { reason: string; count: number; words: string; meaning: string }[];
}
interface Decided {
  done: number;
  unchanged: number;
  decided: number;
  failed: number;
  items: { receipt: string; outcome: string; state: string | null }[];
}

function report(subject: string, date: string, sender: string): Buffer {
  const inner = `From: ann@example.com\r\nTo: bob@example.com\r\nSubject: ${subject}\r\n\r\n${subject}\r\n`;
  const lines = [
    "From: exchange@example.com",
    `Date: ${date}`,
    "X-MS-Journal-Report:",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    `${sender}`,
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `${inner}--b--`,
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}

const readable = "Sender: ann@example.com\r\nTo: bob@example.com\r\nBcc: eve@example.com";
const old = report("old", "Mon, 02 Jan 2006 09:00:00 +0000", readable);
const unreadable = report("unreadable", "Mon, 02 Jan 2006 09:00:00 +0000", "nothing that a report says");
const unwanted = report("unwanted", "Mon, 02 Jan 2006 09:00:00 +0000", "nor does this");

const counts = ({ received, archived, duplicate, quarantined, held, processing }: Status) => {
  assert.equal(received, archived + duplicate + quarantined + held + processing);
  return { received, archived, quarantined, held };
};

test("held and quarantined items are listed, taken in, read again or put out of sight, and a lost catalogue knows it all", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server = await startServer(data);
  context.after(() => server.kill());
  const { id: connector } = await addConnector(data, "eej", "eej@archive.example");
  await munimentJson(["connectors", "edit", connector, "--max-age", "30d", "--data", data]);
  await sendAll(server.smtpPort, "eej@archive.example", [old, unreadable, unwanted]);
  assert.deepEqual(counts(await settled(data)), { received: 3, archived: 0, quarantined: 2, held: 1 });

  const quarantine = <Answer>(...words: string[]) => munimentJson<Answer>(["quarantine", ...words, "--data", data]);
  const listed = await quarantine<Listed>("list");
  assert.deepEqual(
    listed.items.map(({ state, reason, bytes, sha256: digest, actions }) => ({
      state,
      reason,
      bytes,
      digest,
      actions,
    })),
    [
      { bytes: old.length, digest: sha256(old), state: "held", reason: "too_old" },
      { bytes: unreadable.length, digest: sha256(unreadable), state: "quarantined", reason: "envelope_unreadable" },
      { bytes: unwanted.length, digest: sha256(unwanted), state: "quarantined", reason: "envelope_unreadable" },
    ].map((item) => ({ ...item, actions: ["retry", "accept", "discard"] })),
  );
  assert.ok(listed.reasons.every(({ words, meaning }) => words !== "" && meaning !== ""));
  const [held, second, third] = listed.items.map(({ receipt }) => receipt) as [string, string, string];
  assert.deepEqual((await muniment(["quarantine", "raw", held, "--data", data])).stdout, old);

  const same = await quarantine<Decided>("retry", "--of", "envelope_unreadable");
  assert.deepEqual([same.unchanged, same.done], [2, 0]);
  assert.equal((await quarantine<Decided>("accept", "--of", "too_old")).done, 1);
  assert.equal((await search(data, "recipient:eve@example.com")).total, 1);
  assert.equal((await muniment(["quarantine", "discard", third, "--data", data])).code, 2, "a reason is needed");
  assert.equal((await quarantine<Decided>("discard", third, "--reason", "sent by mistake")).done, 1);
  assert.equal((await muniment(["quarantine", "retry", "rcp_none", "--data", data])).code, 5);

  // As a standard connector takes mail as it is, the same bytes are read another way.
  await munimentJson(["connectors", "edit", connector, "--type", "standard", "--data", data]);
  assert.equal((await quarantine<Decided>("retry", second)).done, 1);
  const after = counts(await settled(data));
  assert.deepEqual(after, { received: 3, archived: 2, quarantined: 1, held: 0 });
  const left = await quarantine<Listed>("list");
  const discarded = await quarantine<Listed>("list", "--discarded");
  assert.deepEqual([left.items, left.reasons], [[], []]);
  assert.deepEqual(
    discarded.items.map(({ receipt }) => receipt),
    [third],
  );
  const shown = await munimentJson<{ status: string }[]>(["connectors", "list", "--data", data]);
  assert.equal(shown[0]?.status, "running", "nothing is left that nobody decided about");
  await assertSound(data);
  const { items: audit } = await munimentJson<{ items: { action: string; subjects: string[]; note: string | null }[] }>(
    [...["audit", "list", "--data", data]],
  );
  assert.deepEqual(
    audit.filter(({ action }) => action === "quarantine.discard").map(({ subjects, note }) => [subjects, note]),
    [[[third], "sent by mistake"]],
  );
  assert.equal(audit.filter(({ action }) => action === "connector.edit").length, 2);

  assert.equal(await server.stop(), 0);
  rmSync(join(data, "catalogue", "tenants"), { recursive: true });
  await munimentJson(["rebuild", "catalogue", "--data", data]);
  // Without a server the command opens the archive itself.
  assert.deepEqual(await quarantine<Listed>("list", "--discarded"), discarded);
  server = await startServer(data);
  assert.deepEqual(counts(await settled(data)), after);
  assert.equal((await quarantine<Decided>("accept", third)).done, 1);
  await assertSound(data);
});
