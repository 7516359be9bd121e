import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { corpusKey, encryptedMail } from "../smime/encrypted-mail.ts";
import { search } from "../support/archive.ts";
import { addConnector, munimentJson, startServer, type TestServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";

/** What became of mail that was archived before its key came. */
export interface WaitingRun {
  /** Encrypted messages, archived without a key. */
  waiting: number;
  /** How far opening was told to be when the server was killed, and again by the next one until the end. */
  killedAt: number;
  toldAfterKill: number[];
  /** Milliseconds from the start after the kill until nothing waited any more. */
  healedMs: number;
  /** Milliseconds until a 250, with nothing going on and while mail was opened: how many, median, 99th percentile. */
  quiet: Latencies;
  opening: Latencies;
}

interface Latencies {
  count: number;
  p50: number;
  p99: number;
}

interface Progress {
  done: number;
  total: number;
}

const address = "waiting@archive.example";
const bob = corpusKey("Bob");
const plainMail = (name: string) =>
  Buffer.from(`From: a@test.example\r\nSubject: ${name}\r\n\r\n${`${name} `.repeat(100)}\r\n`);

/** Sends what `next` gives over one session until it gives nothing; milliseconds of each until its 250. */
async function sendTimed(server: TestServer, next: () => Buffer | null): Promise<number[]> {
  const client = await SmtpClient.open(server.smtpPort);
  const taken: number[] = [];
  try {
    for (let bytes = next(); bytes !== null; bytes = next()) {
      const begun = performance.now();
      assert.match(await client.send(address, bytes), /^250/);
      taken.push(performance.now() - begun);
    }
  } finally {
    client.destroy();
  }
  return taken;
}

function latencies(taken: readonly number[]): Latencies {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/** Progress lines of an import of Bob's key, until the import ends or the server does. */
async function* importProgress(server: TestServer, token: string): AsyncGenerator<Progress> {
  const response = await fetch(`http://${server.http}/api/v1/decryption-keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ file: readFileSync(bob.path).toString("base64"), passphrase: bob.passphrase }),
  });
  assert.equal(response.status, 200);
  for await (const line of linesOf(response)) {
    const said = JSON.parse(line) as { progress?: Progress };
    if (said.progress !== undefined) yield said.progress;
  }
}

/** The states that the live stream tells, without end. */
async function* statusEvents(server: TestServer, token: string): AsyncGenerator<{ opening: Progress | null }> {
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const response = await fetch(`http://${server.http}/api/v1/events`, { headers });
  let event = "";
  for await (const line of linesOf(response)) {
    if (line.startsWith("event: ")) event = line.slice(7);
    if (line.startsWith("data: ") && event === "status") {
      yield JSON.parse(line.slice(6)) as { opening: Progress | null };
    }
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  let text = "";
  try {
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      const lines = text.split("\n");
      text = lines.pop()!;
      yield* lines;
    }
  } catch {
    // The server was killed: what it said until then is all there is.
  }
}

/**
 * Archives `count` encrypted messages without their key, brings the key, kills the server midway and lets the next one go
 * on, with plain mail coming in all the time. Everything must be opened and found in the end.
 */
export async function smimeWaitingRun(folder: string, count: number): Promise<WaitingRun> {
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server = await startServer(data);
  try {
    await addConnector(data, "standard", address);
    const { token } = await munimentJson<{ token: string }>(["token", "create", "--role", "admin", "--data", data]);
    let made = 0;
    const encrypted = () => {
      made += 1;
      return made > count ? null : encryptedMail(`waiting word${made} for its key`, bob.key.certificate);
    };
    await Promise.all([1, 2, 3, 4].map(() => sendTimed(server, encrypted)));
    await settled(data);
    assert.equal((await search(data, "is:encrypted-no-key", 1)).total, count);

    let left = Math.min(500, count);
    const quiet = await sendTimed(server, () => {
      left -= 1;
      return left < 0 ? null : plainMail(`quiet ${left}`);
    });

    // The first server is killed when a third is opened.
    let isOver = false;
    let plain = 0;
    const next = () => {
      plain += 1;
      return isOver ? null : plainMail(`meanwhile ${plain}`);
    };
    const during = sendTimed(server, next);
    let killedAt = 0;
    for await (const { done, total } of importProgress(server, token)) {
      assert.equal(total, count);
      killedAt = done;
      if (done < count / 3) continue;
      isOver = true;
      break;
    }
    const opening = await during;
    await server.kill();

    isOver = false;
    const begun = performance.now();
    server = await startServer(data);
    const later = sendTimed(server, next);
    const toldAfterKill: number[] = [];
    for await (const status of statusEvents(server, token)) {
      if (status.opening !== null) toldAfterKill.push(status.opening.done);
      else if ((await search(data, "is:encrypted-no-key", 1)).total === 0) break;
    }
    const healedMs = Math.round(performance.now() - begun);
    isOver = true;
    opening.push(...(await later));

    await settled(data);
    assert.equal((await search(data, "is:encrypted-decrypted", 1)).total, count);
    assert.equal((await search(data, `word${count}`, 1)).total, 1);
    assert.equal((await search(data, "subject:meanwhile", 1)).total, opening.length);
    assert.equal(await server.stop(), 0);
    return {
      ...{ waiting: count, killedAt, toldAfterKill, healedMs },
      ...{ quiet: latencies(quiet), opening: latencies(opening) },
    };
  } finally {
    await server.kill();
  }
}
