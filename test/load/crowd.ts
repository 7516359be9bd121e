import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { SmtpClient } from "../support/smtp-client.ts";

/** What active senders met beside a crowd that does nothing. */
export interface CrowdRun {
  idle: number;
  active: number;
  messages: number;
  /** Milliseconds from MAIL to 250 of the active: half and 99 of 100 were faster. */
  p50Ms: number;
  p99Ms: number;
  /** Highest resident memory of the server. */
  peakMiB: number;
  /** Idle connections that were still open at the end. */
  idleLeft: number;
}

/**
 * Opens `idle` connections that only read the greeting and `active` ones that send `messagesEach`, against a real server.
 * They come from as many addresses of loopback as the limit per address asks for.
 */
export async function crowdRun(
  folder: string,
  { idle, active, messagesEach }: { idle: number; active: number; messagesEach: number },
): Promise<CrowdRun> {
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  const crowd: Socket[] = [];
  try {
    await addConnector(data, "standard", "load@archive.example");
    for (let from = 0; from < idle; from += 200) {
      const some = Array.from({ length: Math.min(200, idle - from) }, (_, index) =>
        idler(server.smtpPort, from + index),
      );
      crowd.push(...(await Promise.all(some)));
    }
    const latencies: number[] = [];
    await Promise.all(
      Array.from({ length: active }, async (_, index) => {
        const client = await SmtpClient.open(server.smtpPort, addressOf(index, 20));
        for (let count = 0; count < messagesEach; count += 1) {
          const begun = performance.now();
          const reply = await client.send("load@archive.example", mail(index, count));
          if (!reply.startsWith("250")) throw new Error(`not taken: ${reply}`);
          latencies.push(performance.now() - begun);
        }
        await client.quit();
      }),
    );
    latencies.sort((a, b) => a - b);
    return {
      idle,
      active,
      messages: latencies.length,
      p50Ms: Math.round(quantile(latencies, 0.5)),
      p99Ms: Math.round(quantile(latencies, 0.99)),
      peakMiB: Math.round(server.peakBytes() / 1_048_576),
      idleLeft: crowd.filter((socket) => !socket.destroyed && socket.readable).length,
    };
  } finally {
    for (const socket of crowd) socket.destroy();
    await server.stop();
  }
}

/** Forty a host are below the limit of one address. */
function idler(port: number, index: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress: addressOf(index, 40) });
    socket.once("data", () => resolve(socket));
    socket.once("error", reject);
  });
}

function addressOf(index: number, perAddress: number): string {
  const host = Math.floor(index / perAddress);
  return `127.${perAddress}.${host >> 8}.${1 + (host & 0xff)}`;
}

/** Some 12 KB, every one another. */
function mail(sender: number, count: number): Buffer {
  const line = `line of sender ${sender}, message ${count}, with some words to read\r\n`;
  return Buffer.from(`Subject: load ${sender}/${count}\r\nFrom: a@test.example\r\n\r\n${line.repeat(200)}`);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}
