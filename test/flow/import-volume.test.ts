import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFiles, corpusFolder } from "../corpus.ts";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { munimentJson } from "../support/server.ts";
import type { Status } from "../support/settled.ts";

interface Imported {
  found: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  unreadable: number;
  ignored: number;
}

/** A member's message: all but a leading `From ` line. */
function messageOf(bytes: Buffer): Buffer {
  return bytes.subarray(0, 5).toString() === "From " ? bytes.subarray(bytes.indexOf(10) + 1) : bytes;
}

const volumes = ["volume-spamassassin", "volume-linux-integrity"];

test("7,300 real messages, 50 copies and 50 variants are accounted for, come back byte for byte, and a second import adds none", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const messages = [...corpusFiles(...volumes)]
    .filter(({ name }) => name.includes("!"))
    .map(({ bytes }) => messageOf(bytes));
  assert.equal(messages.length, 7_300);
  const digests = messages.map((bytes) => sha256(bytes));
  const distinct = new Set(digests);

  const copies = join(folder, "copies");
  const variants = join(folder, "variants");
  for (const made of [copies, variants]) mkdirSync(made);
  const variantDigests: string[] = [];
  for (let index = 0; index < 50; index += 1) {
    const bytes = messages[index * 100] as Buffer;
    writeFileSync(join(copies, `${index}.eml`), bytes);
    // Another body under the same Message-ID: other bytes are another message.
    const variant = Buffer.concat([bytes, Buffer.from(`\nvariant ${index}\n`)]);
    writeFileSync(join(variants, `${index}.eml`), variant);
    variantDigests.push(sha256(variant));
  }

  await munimentJson(["init", "--data", data, "--no-input"]);
  const sources = [...volumes.map((volume) => join(corpusFolder, volume)), copies, variants];
  const first = await munimentJson<Imported>(["import", ...sources, "--data", data]);
  const natural = messages.length - distinct.size;
  console.log(`imported ${JSON.stringify(first)}, ${natural} of the corpus byte-equal to another`);
  assert.equal(first.found, 7_400);
  assert.equal(first.found, first.archived + first.duplicate + first.quarantined + first.unreadable);
  assert.deepEqual([first.quarantined, first.unreadable], [0, 0]);
  assert.deepEqual([first.archived, first.duplicate], [distinct.size + 50, natural + 50]);

  const status = await munimentJson<Status>(["status", "--data", data]);
  assert.equal(status.received, 7_400);
  assert.equal(
    status.received,
    status.archived + status.duplicate + status.quarantined + status.held + status.processing,
  );

  // Each command opens the archive anew, which is the restart.
  const back = await exported(data, "*", join(folder, "export"));
  const expected = new Set([...distinct, ...variantDigests]);
  assert.deepEqual([back.size, [...expected].filter((digest) => !back.has(digest))], [expected.size, []]);

  for (let index = 0; index < 50; index += 10) {
    const digest = digests[index * 100] as string;
    const found = await munimentJson<{ items: { receipts: number }[] }>(["search", `sha256:${digest}`, "--data", data]);
    const inCorpus = digests.filter((one) => one === digest).length;
    assert.equal(found.items[0]?.receipts, inCorpus + 1, "one message, a receipt for each capture");
  }

  const second = await munimentJson<Imported>(["import", ...sources, "--data", data]);
  assert.deepEqual([second.found, second.archived, second.duplicate], [7_400, 0, 7_400]);
  const after = await munimentJson<Status>(["status", "--data", data]);
  assert.deepEqual([after.received, after.messages], [status.received, status.messages]);
  await assertSound(data);
});
