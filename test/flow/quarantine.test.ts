import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exported, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson, startServer } from "../support/server.ts";
import { type Status, settled } from "../support/settled.ts";

interface Listed {
  items: { id: string; message: string; state: string; reason: string; bytes: number }[];
  reasons: { reason: string; receipts: number }[];
}

interface Audited {
  who: string;
  subjects: string[];
  note: string | null;
}

interface Decided {
  decided: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
}

/** A report without the message it should wrap. */
function broken(number: number): Buffer {
  return Buffer.from(
    [
      "From: journal@test.example",
      `Subject: broken ${number}`,
      "X-MS-Journal-Report:",
      'Content-Type: multipart/mixed; boundary="b"',
      "",
      "--b",
      "Content-Type: text/plain",
      "",
      "Sender: a@test.example",
      "To: b@test.example",
      "--b--",
      "",
    ].join("\r\n"),
  );
}

const list = (data: string) => munimentJson<Listed>(["quarantine", "list", "--data", data]);
const decide = (data: string, what: string, ...args: string[]) =>
  munimentJson<Decided>(["quarantine", what, ...args, "--data", data]);
const status = (data: string) => munimentJson<Status>(["status", "--data", data]);

test("what was quarantined is listed, read again, accepted or discarded, counts once, and survives a lost catalogue", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const mail = join(folder, "mail");
  mkdirSync(mail);
  const items = [1, 2, 3].map(broken);
  for (const [index, item] of items.entries()) writeFileSync(join(mail, `${index}.eml`), item);
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server = await startServer(data);
  let discarded = "";
  try {
    await munimentJson(["import", mail, "--type", "eej", "--data", data]);
    const listed = await list(data);
    assert.deepEqual(
      listed.reasons.map(({ reason, receipts }) => [reason, receipts]),
      [["inner_missing", 3]],
    );
    assert.equal(listed.items.length, 3);

    // Nothing about it has changed, so reading it again gives the same, and it waits under a new receipt.
    const retried = await decide(data, "retry", listed.items[0]!.id);
    assert.deepEqual(retried, { decided: 1, archived: 0, duplicate: 0, quarantined: 1, held: 0 });
    const after = await list(data);
    assert.equal(after.items.length, 3);
    assert.ok(!after.items.some(({ id }) => id === listed.items[0]!.id));

    assert.deepEqual(await decide(data, "accept", after.items[0]!.message), {
      decided: 1,
      archived: 1,
      duplicate: 0,
      quarantined: 0,
      held: 0,
    });
    const without = await muniment(["quarantine", "discard", after.items[1]!.id, "--data", data]);
    assert.equal(without.code, 2);
    discarded = after.items[1]!.id;
    await decide(data, "discard", discarded, "--why", "a test of the source");
    const unknown = await muniment(["quarantine", "retry", after.items[0]!.id, "--data", data]);
    assert.match(unknown.stderr, /DECISION-UNKNOWN/);

    const { received, archived, quarantined } = await status(data);
    assert.deepEqual({ received, archived, quarantined }, { received: 3, archived: 2, quarantined: 1 });
    assert.equal((await search(data, "is:quarantined")).total, 1);
    assert.equal((await search(data, "is:discarded")).total, 1);
  } finally {
    await server.stop();
  }

  const before = await list(data);
  await munimentJson(["rebuild", "catalogue", "--data", data]);
  assert.deepEqual(await list(data), before);
  const { received, archived, quarantined } = await status(data);
  assert.deepEqual({ received, archived, quarantined }, { received: 3, archived: 2, quarantined: 1 });
  const back = await exported(data, "*", join(folder, "export"));
  assert.deepEqual([...back.keys()].sort(), items.map(sha256).sort());

  const audited = async (action: string) =>
    (await munimentJson<{ items: Audited[] }>(["audit", "list", "--action", action, "--data", data])).items;
  assert.deepEqual(
    (await audited("quarantine.discard")).map(({ subjects, note, who }) => [subjects, JSON.parse(note ?? ""), who]),
    [[[discarded], { why: "a test of the source" }, "local administrator"]],
  );
  assert.deepEqual(
    (await audited("export.begin")).map(({ note }) => JSON.parse(note ?? "")),
    [{ query: "*", messages: 3, form: "original" }],
  );
  assert.equal((await audited("message.download")).length, 3);

  // Without a server as well.
  server = await startServer(data);
  await server.stop();
  assert.equal((await decide(data, "accept", "--reason", "inner_missing")).archived, 1);
  assert.deepEqual((await list(data)).items, []);
});

test("what was held for its age is taken in with one command, unwrapped as it would have been", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const { SmtpClient } = await import("../support/smtp-client.ts");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    const connector = [
      "--transport",
      "smtp",
      "--type",
      "eej",
      "--description",
      "old",
      "--address",
      "old@archive.example",
    ];
    await munimentJson(["connectors", "add", ...connector, "--max-age", "30d", "--data", data]);
    const inner =
      "From: ann@test.example\r\nTo: bob@test.example\r\nSubject: an old one\r\nMessage-ID: <old@test>\r\n\r\nold words\r\n";
    const report = [
      "Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000",
      "From: journal@test.example",
      "Subject: an old one",
      "X-MS-Journal-Report:",
      'Content-Type: multipart/mixed; boundary="b"',
      "",
      "--b",
      "Content-Type: text/plain",
      "",
      "Sender: ann@test.example",
      "Subject: an old one",
      "Message-Id: <old@test>",
      "To: bob@test.example",
      "",
      "--b",
      "Content-Type: message/rfc822",
      "",
      inner,
      "--b--",
      "",
    ].join("\r\n");
    const client = await SmtpClient.open(server.smtpPort);
    assert.match(await client.send("old@archive.example", Buffer.from(report)), /^250/);
    client.destroy();
    for (;;) if ((await list(data)).items.length > 0) break;
    const [held] = (await list(data)).items;
    assert.deepEqual([held?.state, held?.reason], ["held", "too_old"]);
    assert.equal((await decide(data, "accept", "--reason", "too_old")).archived, 1);
    await settled(data);
    const found = await search(data, "recipient:bob is:held");
    assert.equal(found.total, 0);
    assert.equal((await search(data, "recipient:bob old")).total, 1);
    const {
      received,
      archived,
      held: left,
    } = await munimentJson<Status & { held: number }>(["status", "--data", data]);
    assert.deepEqual({ received, archived, left }, { received: 1, archived: 1, left: 0 });
  } finally {
    await server.stop();
  }
});
