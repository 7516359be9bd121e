import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFiles } from "../corpus.ts";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { sendAll, toCrlf } from "../support/smtp-client.ts";

test("every mime, multilingual and hostile file goes in over SMTP and comes back byte for byte", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const messages = [...corpusFiles("mime-", "multilingual-", "hostile-")].map(({ bytes }) => toCrlf(bytes));
  const digests = messages.map((bytes) => sha256(bytes));
  const distinct = new Set(digests);
  assert.ok(messages.length > 2_500, `${messages.length} messages`);

  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  await addConnector(data, "standard", "standard@archive.example");
  await addConnector(data, "eej", "eej@archive.example");
  await sendAll(server.smtpPort, "standard@archive.example", messages);
  await sendAll(server.smtpPort, "eej@archive.example", messages);
  const status = await settled(data);
  const peak = server.peakBytes();
  console.log(
    `${messages.length} files over SMTP twice: ${JSON.stringify(status)}, peak memory ${Math.round(peak / 1048576)} MiB`,
  );
  assert.equal(status.received, messages.length * 2);
  assert.ok(peak < 512 * 1024 * 1024);
  assert.equal(await server.stop(), 0);

  const back = await exported(data, "*", join(folder, "export"));
  assert.deepEqual(
    [...distinct].filter((digest) => !back.has(digest)),
    [],
  );
  const counts = new Map<string, number>();
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 2);
  const rows = new Map<string, number>();
  const { items } = await munimentJson<{ items: { sha256: string; receipts: number }[] }>([
    "search",
    "*",
    "--data",
    data,
    "--limit",
    "100000",
  ]);
  for (const { sha256: digest, receipts } of items) rows.set(digest, receipts);
  for (const [digest, count] of counts) assert.equal(rows.get(digest), count, digest);
  await assertSound(data);
});
