import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, settled, startPoisonedServer, startServer } from "../support/server.ts";
import { sendAll } from "../support/smtp-client.ts";

function mail(subject: string, attachment: string): Buffer {
  // Long enough to be stored as a part of its own, whose naming is where the fault lies.
  const body = Buffer.from(attachment.padEnd(9_000, `${subject} `))
    .toString("base64")
    .replace(/.{76}/g, "$&\r\n");
  const head = ["From: a@example.com", `Subject: ${subject}`, "MIME-Version: 1.0", "Content-Type: application/x-test"];
  return Buffer.from([...head, "Content-Transfer-Encoding: base64", "", body, ""].join("\r\n"));
}

test("a mail that our own storing fails on is archived unread, the others of its batch as ever, and a mended server reads it", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server = await startPoisonedServer(data);
  context.after(() => server.kill());
  await addConnector(data, "standard", "copy@archive.example");
  const good = Array.from({ length: 9 }, (_, index) => mail(`good ${index}`, "harmless"));
  const bad = mail("bad", "poison-of-the-test");
  await sendAll(server.smtpPort, "copy@archive.example", [...good.slice(0, 5), bad, ...good.slice(5)]);
  const { received, archived, quarantined } = await settled(data);
  assert.deepEqual({ received, archived, quarantined }, { received: 10, archived: 9, quarantined: 1 });
  const { items } = await munimentJson<{ items: { receipt: string; reason: string }[] }>([
    ...["quarantine", "list", "--data", data],
  ]);
  assert.deepEqual(
    items.map(({ reason }) => reason),
    ["storing_fault"],
  );
  const receipt = items[0]?.receipt ?? "";
  assert.deepEqual((await muniment(["quarantine", "raw", receipt, "--data", data])).stdout, bad);
  assert.equal(await server.stop(), 0);

  server = await startServer(data);
  await munimentJson(["quarantine", "retry", "--of", "storing_fault", "--data", data]);
  const mended = await settled(data);
  assert.deepEqual([mended.archived, mended.quarantined], [10, 0]);
  assert.equal((await search(data, "subject:bad")).total, 1);
  await assertSound(data);
});
