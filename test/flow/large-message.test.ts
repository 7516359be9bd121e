import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";

const MiB = 1024 * 1024;

test("a message of 150 MB is taken in flat memory and comes back byte for byte", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  await addConnector(data, "standard", "large@archive.example");

  const head = Buffer.from(
    'From: a@test.example\r\nSubject: large\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nthe text\r\n--b\r\n' +
      "Content-Type: application/octet-stream; name=large.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n",
  );
  const foot = Buffer.from("--b--\r\n");
  const lines = Buffer.from(`${Buffer.alloc(57, 0xa7).toString("base64")}\r\n`.repeat(13_000));
  const repeats = Math.ceil((150_000_000 - head.length - foot.length) / lines.length);
  const hash = createHash("sha256").update(head);
  for (let index = 0; index < repeats; index += 1) hash.update(lines);
  const digest = hash.update(foot).digest("hex");

  const client = await SmtpClient.open(server.smtpPort);
  // A server that has just started is still loading what its first message needs: that is not the large one's doing.
  assert.match(await client.send("large@archive.example", Buffer.from("Subject: small\r\n\r\nfirst\r\n")), /^250/);
  await settled(data);
  for (const command of ["MAIL FROM:<a@test.example> SIZE=151000000", "RCPT TO:<large@archive.example>", "DATA"])
    assert.match(await client.say(command), /^(250|354)/);
  await client.raw(head);
  // The first stretch wakes what only a transfer uses; from there on the message may not weigh on the memory.
  for (let index = 0; index < 20; index += 1) await client.raw(lines);
  const before = server.residentBytes();
  let receiving = before;
  for (let index = 20; index < repeats; index += 1) {
    await client.raw(lines);
    receiving = Math.max(receiving, server.residentBytes());
  }
  await client.raw(Buffer.concat([foot, Buffer.from(".\r\n")]));
  assert.match(await client.reply(), /^250/);
  await client.quit();
  await settled(data);
  const peak = server.peakBytes();
  console.log(
    `150 MB: resident ${Math.round(before / MiB)} MiB at the start of receiving, at most ${Math.round(receiving / MiB)} ` +
      `while it came, ${Math.round(peak / MiB)} in all`,
  );
  assert.ok(receiving - before < 64 * MiB);
  assert.ok(peak < 512 * MiB);

  const { items } = await munimentJson<{ items: { id: string; bytes: number }[] }>([
    "search",
    `sha256:${digest}`,
    "--data",
    data,
  ]);
  assert.equal(items[0]?.bytes, head.length + repeats * lines.length + foot.length);
  const { stdout } = await muniment(["get", items[0]?.id ?? "", "--data", data]);
  assert.equal(createHash("sha256").update(stdout).digest("hex"), digest);
  assert.equal((await munimentJson<{ total: number }>(["search", "filename:large.bin text", "--data", data])).total, 1);
  assert.ok(server.peakBytes() < 512 * MiB, "also while it is given back");
  assert.equal(await server.stop(), 0);
  await assertSound(data);
});
