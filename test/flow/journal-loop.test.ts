import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { writeBounce, writeReport } from "../support/report-writer.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient, sendAll } from "../support/smtp-client.ts";

const journal = "journal@archive.example";
/** A journal address that was mistyped on the mail server: every report to it is refused. */
const mistyped = "jornal@archive.example";
const attachmentBytes = 200_000;
const rounds = 6;

function mail(): Buffer {
  const attachment = randomBytes(attachmentBytes).toString("base64").replace(/.{76}/g, "$&\r\n");
  const head = ["From: ann@example.com", "To: bob@example.com", "Subject: offer", "MIME-Version: 1.0"];
  const type = ["Content-Type: application/pdf", "Content-Transfer-Encoding: base64"];
  return Buffer.from([...head, ...type, "", attachment, ""].join("\r\n"));
}

/** What the mail server journals of a mail; each layer has a boundary of its own. */
function journaled(message: Buffer, layer: number): Buffer {
  const report = writeReport({
    ...{ dialect: "eej2007", encoding: "8bit", sender: "ann@example.com", messageId: `<${layer}@x.example>`, message },
    subject: "offer",
    recipients: [{ address: "bob@example.com", role: "to", relation: "direct", via: null, source: "report" }],
  });
  return Buffer.from(report.toString("latin1").replaceAll("=_report_boundary_17", `=_r${layer}`), "latin1");
}

/** What comes to the mailbox for undeliverable reports. */
function bounced(report: Buffer, layer: number, reply: string): Buffer {
  const bounce = writeBounce(report).toString("latin1").replaceAll("=_bounce", `=_b${layer}`);
  return Buffer.from(bounce.replace("Action: failed", `Action: failed\r\nDiagnostic-Code: smtp; ${reply}`), "latin1");
}

/** Sends to an address that refuses, and gives the reply. */
async function refusal(port: number, recipient: string): Promise<string> {
  const client = await SmtpClient.open(port);
  await client.say("MAIL FROM:<>");
  const reply = await client.say(`RCPT TO:<${recipient}>`);
  await client.quit();
  assert.match(reply, /^550 /);
  return reply;
}

function storedBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

test("a journal report that comes back and is journaled again, round after round, is kept once a round, told, and grows by its layers only", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  await addConnector(data, "eej", journal);
  const original = mail();

  // The mail server journals to two addresses. The second refuses; the bounce goes to a mailbox that is journaled as well.
  const sent: Buffer[] = [];
  let message = original;
  for (let layer = 0; layer <= rounds; layer += 1) {
    const report = journaled(message, layer);
    await sendAll(server.smtpPort, journal, [report]);
    sent.push(report);
    message = bounced(report, layer, await refusal(server.smtpPort, mistyped));
  }
  const { received, archived, duplicate, quarantined } = await settled(data);
  assert.deepEqual(
    { received, archived, duplicate, quarantined },
    { received: 7, archived: 7, duplicate: 0, quarantined: 0 },
  );

  // The mail itself was captured once; nothing below the first layer is believed.
  const found = await search(data, `sha256:${sha256(original)}`);
  assert.equal(found.total, 1);
  const looped = await search(data, "is:journal-loop");
  assert.equal(looped.total, rounds);
  for (const report of sent) {
    const [entry] = (await search(data, `sha256:${sha256(report)}`)).items;
    assert.deepEqual((await muniment(["get", entry?.id ?? "", "--report", "--data", data])).stdout, report);
  }

  // The attachment lies in the packs once, however many layers are around it.
  const before = storedBytes(join(data, "blobs"));
  assert.ok(before > attachmentBytes && before < 1.3 * attachmentBytes, `${before} bytes`);

  // The same item once more adds a receipt, and no message.
  await sendAll(server.smtpPort, journal, [sent.at(-1) ?? Buffer.alloc(0)]);
  const again = await settled(data);
  assert.deepEqual([again.received, again.archived, again.duplicate], [8, 7, 1]);

  const [connector] = await munimentJson<{ looped: number; lastLoopedAt: string; statusReason: string }[]>([
    ...["connectors", "list", "--data", data],
  ]);
  assert.equal(connector?.looped, rounds + 1);
  assert.ok(Date.parse(connector?.lastLoopedAt ?? "") > 0);
  assert.match(connector?.statusReason ?? "", /7 journal reports came back undelivered/);
  await assertSound(data);
  assert.equal(await server.stop(), 0);

  await munimentJson(["rebuild", "catalogue", "--data", data]);
  const [rebuilt] = await munimentJson<{ looped: number }[]>(["connectors", "list", "--data", data]);
  assert.equal(rebuilt?.looped, rounds + 1);
});
