import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { assertSound } from "../support/archive.ts";
import { seededBytes } from "../support/bytes.ts";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";

/** What a run of large messages at once showed. */
export interface LargeRun {
  messages: number;
  bytesEach: number;
  /** Highest resident memory of the server while it received them, and in all. */
  receivingMiB: number;
  peakMiB: number;
  seconds: number;
}

const MiB = 1024 * 1024;

/** One message of some length that no other is like and that does not compress; in pieces of about 1 MB. */
export function* largePieces(number: number, bytes: number): Generator<Buffer> {
  yield Buffer.from(
    `From: a@test.example\r\nSubject: large ${number}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n` +
      `--b\r\n\r\nthe text of ${number}\r\n--b\r\nContent-Type: application/octet-stream; name=large-${number}.bin\r\n` +
      "Content-Transfer-Encoding: base64\r\n\r\n",
  );
  const lines = Buffer.from(
    (
      seededBytes(number, 57 * 13_000)
        .toString("base64")
        .match(/.{76}/g) ?? []
    )
      .map((line) => `${line}\r\n`)
      .join(""),
  );
  for (let sent = 0; sent < bytes; sent += lines.length) yield lines;
  yield Buffer.from("--b--\r\n");
}

/** Sends one message piece by piece; gives the digest of what was sent. */
async function sendLarge(port: number, number: number, bytes: number): Promise<string> {
  const client = await SmtpClient.open(port);
  for (const command of [
    `MAIL FROM:<a@test.example> SIZE=${bytes + 2 * MiB}`,
    "RCPT TO:<large@archive.example>",
    "DATA",
  ])
    assert.match(await client.say(command), /^(250|354)/);
  const hash = createHash("sha256");
  for (const piece of largePieces(number, bytes)) {
    hash.update(piece);
    await client.raw(piece);
  }
  await client.raw(Buffer.from(".\r\n"));
  assert.match(await client.reply(), /^250/);
  await client.quit();
  return hash.digest("hex");
}

/** Sends `count` large messages at once to a real server and waits until all are archived, searchable and read back. */
export async function largeRun(folder: string, count: number, bytesEach: number): Promise<LargeRun> {
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    await addConnector(data, "standard", "large@archive.example");
    const begun = performance.now();
    const digests = await Promise.all(
      Array.from({ length: count }, (_, number) => sendLarge(server.smtpPort, number + 1, bytesEach)),
    );
    const receivingMiB = Math.round(server.peakBytes() / MiB);
    await settled(data);
    for (const digest of digests) {
      const { total } = await munimentJson<{ total: number }>(["search", `sha256:${digest}`, "--data", data]);
      assert.equal(total, 1, "every message is archived as it was sent");
    }
    await assertSound(data);
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const peakMiB = Math.round(server.peakBytes() / MiB);
    assert.equal(await server.stop(), 0);
    return { messages: count, bytesEach, receivingMiB, peakMiB, seconds };
  } finally {
    await server.kill();
  }
}
