import assert from "node:assert/strict";
import { test } from "node:test";
import { MiB, messageIdOf, type Sha256 } from "#core/index.ts";
import { decodeStoredAt } from "#pack/index.ts";
import { corpusFiles } from "../corpus.ts";
import { acme, type Batches, openBatches } from "../support/batches.ts";
import { collect, sha256 } from "../support/bytes.ts";

/** As the archive loop batches. */
const batchItemsMax = 256;
const batchBytesMax = 16 * MiB;

async function assertAllBack(batches: Batches, items: readonly Buffer[], type: "standard" | "eej"): Promise<number> {
  const { batch, failed, doubted } = await batches.archive(items, type);
  assert.deepEqual([failed, doubted], [[], []]);
  let partCount = 0;
  for (const bytes of items) {
    const digest = sha256(bytes) as Sha256;
    const receipt = batch.receipts[items.indexOf(bytes)];
    const id = receipt?.message ?? messageIdOf(digest);
    const [row] = await batches.catalogue.messages(acme, [id]);
    assert.ok(row !== undefined);
    partCount += decodeStoredAt(row.storedAt).filter(({ kind }) => kind === "part").length;
    const report = receipt?.report ?? null;
    const back = report === null ? batches.retrieval.message(acme, row) : batches.retrieval.report(acme, report);
    assert.ok((await collect(back)).equals(bytes), digest);
  }
  return partCount;
}

for (const type of ["standard", "eej"] as const)
  test(`every file of the corpus, archived as ${type}, comes back byte for byte with attachments stored once`, async () => {
    const batches = await openBatches();
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    let files = 0;
    let parts = 0;
    const flush = async () => {
      files += waiting.length;
      parts += await assertAllBack(batches, waiting, type);
      waiting = [];
      waitingBytes = 0;
    };
    for (const { bytes } of corpusFiles("")) {
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waiting.length === batchItemsMax || waitingBytes > batchBytesMax) await flush();
    }
    await flush();
    console.log(`${files} files as ${type}, all equal; ${parts} bodies are made of parts`);
    assert.ok(files > 1000 && parts > 100);
  });
