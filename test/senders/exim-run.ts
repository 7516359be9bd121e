import assert from "node:assert/strict";
import { corpusFiles } from "../corpus.ts";
import { onStage } from "../dialog/peer.ts";
import { sha256 } from "../support/bytes.ts";
import { toCrlf } from "../support/smtp-client.ts";
import { sendWithExim } from "./exim.ts";

/** Has Exim deliver the first `count` messages of the corpus, and compares what came with what was sent. */
export async function eximRun(folder: string, count: number): Promise<void> {
  const messages: Buffer[] = [];
  for (const { name, bytes } of corpusFiles("volume-")) {
    if (messages.length === count) break;
    if (name.includes("!")) messages.push(toCrlf(bytes));
  }
  assert.equal(messages.length, count);
  let log = "";
  const { intake, refusals } = await onStage({}, async ({ listener }) => {
    log = await sendWithExim(folder, listener.port, "journal@acme.test", messages);
  });
  // K is Exim's sign for CHUNKING.
  const byChunks = log.split("\n").filter((line) => / => .* K C="250 2\.0\.0 stored durably as /.test(line));
  assert.equal(byChunks.length, count, log.slice(-2_000));
  assert.deepEqual(
    intake.items.map(({ bytes }) => sha256(bytes)).sort(),
    messages.map((bytes) => sha256(bytes)).sort(),
  );
  assert.deepEqual(refusals, []);
}
