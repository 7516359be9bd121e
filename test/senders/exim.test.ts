import assert from "node:assert/strict";
import { test } from "node:test";
import { corpusFiles } from "../corpus.ts";
import { onStage } from "../dialog/peer.ts";
import { testFolder } from "../support/folder.ts";
import { toCrlf } from "../support/smtp-client.ts";
import { sendWithExim } from "./exim.ts";

test("Exim delivers a thousand messages of the corpus by BDAT, byte for byte", async (context) => {
  const messages: Buffer[] = [];
  for (const { name, bytes } of corpusFiles("volume-")) {
    if (!name.includes("!")) continue;
    messages.push(toCrlf(Buffer.from(bytes)));
    if (messages.length === 1_000) break;
  }
  assert.equal(messages.length, 1_000);
  const started = Date.now();
  const { intake } = await onStage({}, async ({ listener }) => {
    const log = await sendWithExim(testFolder(context), listener.port, "journal@acme.test", messages);
    console.log(log.split("\n").slice(-5).join("\n"), Date.now() - started);
  });
  console.log(intake.items.length);
  const sent = messages.map((message) => message.toString("latin1")).sort();
  const taken = intake.items.map(({ bytes }) => bytes.toString("latin1")).sort();
  let equal = 0;
  const set = new Set(taken);
  const bad = sent.filter((x) => !set.has(x));
  console.log(bad.length, JSON.stringify(bad[0]?.slice(0, 600)));
  const set2 = new Set(sent);
  console.log(JSON.stringify(taken.filter((x) => !set2.has(x))[0]?.slice(0, 600)));
});
