import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { writeReport } from "../support/report-writer.ts";
import { munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { sendAll } from "../support/smtp-client.ts";

interface Listed {
  description: string;
  fidelity: { grade: string | null; receipts: number };
  sourceClocks: { source: string; offsetMinutes: number }[];
  ageRule: { state: string };
}

const day = 24 * 60 * 60 * 1000;

test("connectors show how much of the envelope arrives, whose clock is wrong, and what was held is taken in at once", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  const add = (name: string, type: string, ...more: string[]) =>
    munimentJson([
      ...["connectors", "add", "--data", data, "--transport", "smtp", "--type", type],
      ...["--description", name, "--address", `${name}@archive.example`, ...more],
    ]);
  await add("reports", "eej");
  await add("copies", "standard");
  await add("aged", "standard", "--max-age", "30d");
  const report = writeReport({
    ...{ dialect: "eej2007", encoding: "8bit", sender: "a@x.example", messageId: "<1@x.example>", subject: null },
    recipients: [{ address: "b@x.example", role: "bcc", relation: "direct", via: null, source: "report" }],
    message: Buffer.from("Subject: reported\r\n\r\ntext\r\n"),
  });
  const received = (ms: number) => `Received: by mx.example; ${new Date(Date.now() + ms).toUTCString()}\r\n`;
  await sendAll(server.smtpPort, "reports@archive.example", [report]);
  await sendAll(server.smtpPort, "copies@archive.example", [
    Buffer.from(`${received(2 * day)}Subject: ahead\r\n\r\ntext\r\n`),
  ]);
  await sendAll(server.smtpPort, "aged@archive.example", [
    Buffer.from(`${received(-40 * day)}Subject: late\r\n\r\ntext\r\n`),
  ]);
  assert.equal((await settled(data)).held, 1);

  const listed = await munimentJson<Listed[]>(["connectors", "list", "--data", data]);
  const shown = listed.map(({ description, fidelity, sourceClocks, ageRule }) => [
    description,
    fidelity.grade,
    fidelity.receipts,
    ageRule.state,
    ...sourceClocks.map(({ offsetMinutes }) => Math.round(offsetMinutes / 60)),
  ]);
  assert.deepEqual(shown, [
    ["aged", "C", 1, "in_force"],
    ["copies", "C", 1, "off", 48],
    ["reports", "A", 1, "in_force"],
  ]);
  assert.equal((await search(data, "is:source_clock")).items[0]?.subject, "ahead");

  await munimentJson(["quarantine", "accept", "--reason", "too_old", "--data", data]);
  assert.equal((await settled(data)).held, 0);
  assert.equal((await search(data, "subject:late -is:held")).total, 1);
  assert.equal(await server.stop(), 0);
});
