import assert from "node:assert/strict";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, munimentJson, startFaultyServer, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";

const packsIn = (data: string): string[] => readdirSync(join(data, "blobs/packs/main")).sort();

/** An archive of ten packs of one mail each, and the digests of the mails. */
async function tenPacks(folder: string): Promise<{ data: string; digests: string[] }> {
  const data = join(folder, "ten");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  await addConnector(data, "standard", "merge@archive.example");
  const digests: string[] = [];
  const client = await SmtpClient.open(server.smtpPort);
  while (digests.length < 10) {
    const bytes = Buffer.from(`Subject: mail ${digests.length}\r\n\r\n${`text ${digests.length} `.repeat(300)}\r\n`);
    assert.match(await client.send("merge@archive.example", bytes), /^250/);
    digests.push(sha256(bytes));
    await settled(data);
  }
  await client.quit();
  await server.stop();
  assert.equal(packsIn(data).length, 10);
  return { data, digests };
}

/** Waits until the catalogue knows the merged pack. */
async function merged(data: string): Promise<void> {
  for (;;) {
    const { of } = await munimentJson<{ of: { packs: number } }>(["verify", "--data", data]);
    if (of.packs === 2) return;
  }
}

test("a server merges small packs by itself, stopped at any call or not, and every mail comes back from what is left", async (context) => {
  const folder = testFolder(context);
  const { data: ten, digests } = await tenPacks(folder);
  for (const [index, fault] of ["kill:after:pack.name:1", "kill:after:catalogue.commit:1"].entries()) {
    const data = join(folder, `data-${index}`);
    cpSync(ten, data, { recursive: true });
    // It may be stopped before it says that it is ready.
    const faulty = await startFaultyServer(fault, data).catch(() => undefined);
    assert.equal(await (faulty?.ended ?? null), null, fault);
    const server = await startServer(data);
    await merged(data);
    await assertSound(data);
    assert.equal(await server.stop(), 0);
    assert.equal(packsIn(data).length, 11, "what was merged stays for a day");
    const back = await exported(data, "*", join(folder, `export-${index}`));
    assert.deepEqual([...back.keys()].sort(), [...digests].sort(), fault);
    const rebuilt = await munimentJson<{ packs: number; messages: number }>(["rebuild", "catalogue", "--data", data]);
    assert.equal(rebuilt.messages, 10);
    await assertSound(data);
  }
});
