import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { SmtpClient } from "../support/smtp-client.ts";

const program = fileURLToPath(new URL("../../bin/muniment", import.meta.url));
const journal = "journal@archive.example";

interface Step {
  name: string;
  state: string;
  evidence: string[];
  meaning: string;
}

interface Line {
  canary?: { word: string; address: string; seconds: number };
  passed?: boolean;
  steps?: Step[];
}

/** Runs `connectors test --wait --json`, does `send` once the word is named, and gives the canary step. */
async function waited(data: string, id: string, time: string, send: (word: string) => Promise<void>): Promise<Step> {
  const args = ["connectors", "test", id, "--data", data, "--wait", time, "--json"];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if (line.canary !== undefined) {
      assert.equal(line.canary.address, journal);
      await send(line.canary.word);
    }
    const step = line.steps?.find(({ name }) => name === "canary");
    if (step !== undefined) return step;
  }
  throw new Error("the test ended without a report");
}

test("a test mail is waited for: it is told how long it took and which way it came, or who was turned away", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data]);
  const server = await startServer(data);
  context.after(() => server.stop());
  const { id } = await addConnector(data, "standard", journal);
  const send = async (word: string) => {
    const client = await SmtpClient.open(server.smtpPort);
    const mail = `From: a@test.example\r\nTo: b@test.example\r\nSubject: a test ${word}\r\n\r\nText.\r\n`;
    assert.match(await client.send(journal, Buffer.from(mail)), /^250 /);
    await client.quit();
  };
  const came = await waited(data, id, "60s", send);
  assert.equal(came.state, "passed", JSON.stringify(came));
  assert.match(came.evidence.join("; "), /^taken after \d+\.\d s, archived after \d+\.\d s; searchable after/);
  assert.match(
    came.evidence.join("; "),
    /an ordinary mail from 127\.0\.0\.1:\d+ \(test\.example\), in clear, archived/,
  );
  await munimentJson(["connectors", "edit", id, "--permit", "192.0.2.0/24", "--data", data]);
  const missed = await waited(data, id, "1s", async () => {
    const client = await SmtpClient.open(server.smtpPort);
    await client.say("MAIL FROM:<a@b.test>");
    assert.match(await client.say(`RCPT TO:<${journal}>`), /^451 /);
    await client.quit();
  });
  assert.equal(missed.state, "failed");
  assert.match(missed.evidence.join("; "), /127\.0\.0\.1 was turned away meanwhile: it lacks source/);
  const screen = await muniment(["connectors", "test", id, "--data", data, "--wait", "1s"]);
  assert.equal(screen.code, 1);
  const lines = screen.stdout.toString();
  assert.match(lines, /Send a mail with canary[0-9a-z]{16} in its subject now/);
  for (const step of ["listener", "certificate", "sources", "peers", "canary"])
    assert.match(lines, new RegExp(` ${step} `));
  const tooLong = await muniment(["connectors", "test", id, "--data", data, "--wait", "1h"]);
  assert.equal(tooLong.code, 2);
});
