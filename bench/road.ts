import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corpusFiles } from "../test/corpus.ts";
import { addConnector, munimentJson, startServer } from "../test/support/server.ts";
import { sendAll, toCrlf } from "../test/support/smtp-client.ts";

// Messages per second from the socket to archived and searchable, with the server's peak memory and CPU. The driver runs
// on the same cores, so the rate is what both together reach.

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"]).toString());

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

interface Numbers {
  received: number;
  messages: number;
  searchable: number;
  processing: number;
}

/** Sends the corpus once and waits until all of it is searchable. */
export async function benchRoad(sessions = 10): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muniment-bench-"));
  const data = join(folder, "data");
  const messages = [...corpusFiles("volume-")]
    .filter(({ name }) => name.includes("!"))
    .map(({ bytes }) => toCrlf(bytes));
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    await addConnector(data, "standard", "bench@archive.example");
    const { token } = await munimentJson<{ token: string }>(["token", "create", "--data", data, "--role", "admin"]);
    const numbers = async (): Promise<Numbers> => {
      const answer = await fetch(`http://${server.http}/api/v1/status`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return (await answer.json()) as Numbers;
    };
    const cpuBefore = cpuSeconds(server.pid);
    const start = performance.now();
    await sendAll(server.smtpPort, "bench@archive.example", messages, sessions);
    const accepted = performance.now();
    for (;;) {
      const { processing, messages: archived, searchable, received } = await numbers();
      if (received === messages.length && processing === 0 && searchable === archived) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const end = performance.now();
    const seconds = (end - start) / 1000;
    const cpu = cpuSeconds(server.pid) - cpuBefore;
    const disk = {
      packs: await bytesBelow(join(data, "blobs")),
      catalogue: await bytesBelow(join(data, "catalogue")),
      search: await bytesBelow(join(data, "search")),
    };
    const line = (name: string, value: string) => console.log(`${name.padEnd(46)} ${value}`);
    line("messages, MB", `${messages.length}, ${(bytes / 1e6).toFixed(1)}`);
    line(
      `accepted (250), ${sessions} sessions, messages/s`,
      (messages.length / ((accepted - start) / 1000)).toFixed(0),
    );
    line("socket to archived and searchable, messages/s", (messages.length / seconds).toFixed(0));
    line("socket to archived and searchable, MB/s", (bytes / 1e6 / seconds).toFixed(1));
    line("lag from the last 250 to searchable, s", ((end - accepted) / 1000).toFixed(2));
    line("server CPU, ms/message", ((cpu * 1000) / messages.length).toFixed(2));
    line("server peak memory, MiB", (server.peakBytes() / 1048576).toFixed(0));
    for (const [name, size] of Object.entries(disk))
      line(`bytes on disk per byte received: ${name}`, (size / bytes).toFixed(3));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
