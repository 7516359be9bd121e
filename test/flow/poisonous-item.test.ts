import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, startPoisonedServer, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { sendAll } from "../support/smtp-client.ts";

interface Waiting {
  id: string;
  message: string;
  reason: string;
  bytes: number;
}

const waiting = async (data: string) =>
  (await munimentJson<{ items: Waiting[] }>(["quarantine", "list", "--data", data])).items;

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
  const listed = await waiting(data);
  assert.deepEqual(
    listed.map(({ reason, bytes }) => [reason, bytes]),
    [["storing_fault", bad.length]],
  );
  assert.deepEqual((await muniment(["get", listed[0]!.message, "--data", data])).stdout, bad);
  // As long as our fault is not mended, another attempt ends as the first, and other mail shows that it is this one's fault.
  const retried = munimentJson(["quarantine", "retry", "--reason", "storing_fault", "--data", data]);
  let isOver = false;
  const over = retried.finally(() => {
    isOver = true;
  });
  let others = 0;
  while (!isOver) {
    await sendAll(server.smtpPort, "copy@archive.example", [mail(`other ${others}`, "harmless")]);
    others += 1;
  }
  await over;
  const again = await settled(data);
  assert.deepEqual([again.received, again.archived, again.quarantined], [10 + others, 9 + others, 1]);
  await assertSound(data);
  assert.equal(await server.stop(), 0);

  server = await startServer(data);
  await munimentJson(["quarantine", "retry", "--reason", "storing_fault", "--data", data]);
  const mended = await settled(data);
  assert.deepEqual([mended.received, mended.archived, mended.quarantined], [10 + others, 10 + others, 0]);
  assert.equal((await search(data, "subject:bad")).total, 1);
  assert.deepEqual(await waiting(data), []);
  await assertSound(data);
  assert.equal(await server.stop(), 0);

  // The packs alone say the same.
  await munimentJson(["rebuild", "catalogue", "--data", data]);
  const rebuilt = await settled(data);
  assert.deepEqual([rebuilt.received, rebuilt.archived, rebuilt.quarantined], [10 + others, 10 + others, 0]);
  assert.equal((await search(data, "subject:bad")).total, 1);
});
