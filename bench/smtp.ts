import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corpusFiles } from "../test/corpus.ts";
import { type Postfix, startPostfix } from "../test/senders/postfix.ts";
import { addConnector, munimentJson, startServer } from "../test/support/server.ts";
import { settled } from "../test/support/settled.ts";
import { readyToSend, SmtpClient, toCrlf } from "../test/support/smtp-client.ts";
import { generatedMail } from "./generated-mail.ts";

// Durable acceptance, from MAIL to the 250, beside Postfix that puts its mail on hold: the same driver and messages, in
// turns. Our server does all it always does: what it took is archived and indexed meanwhile, which Postfix has no part in.

const recipient = "bench@archive.example";
const rounds = 5;
/** About 150 MB: more than two of the spool's segments. */
const warmingMessages = 2_000;

interface Cell {
  mail: string;
  from: readonly Buffer[];
  sessions: number;
  messages: number;
}

/** Generated office mail as the targets name it, and the smaller mail of real lists, where the commands weigh most. */
function cellsOf(): Cell[] {
  const generated = generatedMail(4_000).map((bytes) => readyToSend(toCrlf(bytes)));
  const real = [...corpusFiles("volume-")]
    .filter(({ name }) => name.includes("!"))
    .map(({ bytes }) => readyToSend(toCrlf(bytes)));
  const middling = generated.filter(({ length }) => length > 11_000 && length < 13_000);
  return [
    { mail: "generated, 12 KB", from: middling, sessions: 1, messages: 300 },
    { mail: "generated", from: generated, sessions: 10, messages: 800 },
    { mail: "generated", from: generated, sessions: 50, messages: 1_200 },
    { mail: "real lists", from: real, sessions: 1, messages: 300 },
    { mail: "real lists", from: real, sessions: 10, messages: 1_200 },
    { mail: "real lists", from: real, sessions: 50, messages: 2_400 },
  ];
}

interface Rate {
  perSecond: number;
  p99Ms: number;
}

async function measure(port: number, messages: readonly Buffer[], sessions: number): Promise<Rate> {
  const clients = await Promise.all(Array.from({ length: sessions }, () => SmtpClient.open(port)));
  const queue = [...messages];
  const waits: number[] = [];
  const begun = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
        const sent = performance.now();
        const reply = await client.sendReady(recipient, message);
        if (!reply.startsWith("250")) throw new Error(`not taken: ${reply}`);
        waits.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  await Promise.all(clients.map((client) => client.quit()));
  waits.sort((a, b) => a - b);
  return { perSecond: messages.length / seconds, p99Ms: waits[Math.floor((waits.length - 1) * 0.99)] ?? 0 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)})`;
}

/** Prints messages a second and the 99th percentile of the wait at 1, 10 and 50 sessions, and their ratios. */
export async function benchSmtp(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muniment-bench-"));
  chmodSync(folder, 0o755); // Postfix's queue in it is of another user
  const data = join(folder, "data");
  const cells = cellsOf();
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  let postfix: Postfix | null = null;
  try {
    postfix = await startPostfix(join(folder, "postfix"));
    const { port } = postfix;
    await addConnector(data, "standard", recipient);
    // Both in their everyday state: files that were used before, code that is warm. What is on hold is thrown away each time, as
    // a folder of many thousand files slows the other down.
    const warming = cells[1]!.from.slice(0, warmingMessages);
    await measure(server.smtpPort, warming, 10);
    await settled(data);
    await measure(port, warming, 10);
    postfix.empty();
    console.log(`${rounds} rounds in turns, medians (and spread)`);
    console.log(
      "mail              sessions   ours msg/s            Postfix msg/s         ratio   p99 ours  p99 Postfix  ratio",
    );
    for (const { mail, from, sessions, messages } of cells) {
      const [ours, theirs]: [Rate[], Rate[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        const some = Array.from({ length: messages }, (_, index) => from[(round * messages + index) % from.length]!);
        ours.push(await measure(server.smtpPort, some, sessions));
        await settled(data);
        theirs.push(await measure(port, some, sessions));
        postfix.empty();
      }
      const rates = [ours, theirs].map((all) => all.map(({ perSecond }) => perSecond)) as [number[], number[]];
      const waits = [ours, theirs].map((all) => median(all.map(({ p99Ms }) => p99Ms))) as [number, number];
      const columns = [
        mail.padEnd(17),
        String(sessions).padEnd(10),
        spread(rates[0]).padEnd(21),
        spread(rates[1]).padEnd(21),
        `${(median(rates[0]) / median(rates[1])).toFixed(1)}x`.padEnd(7),
        `${waits[0].toFixed(0)} ms`.padEnd(9),
        `${waits[1].toFixed(0)} ms`.padEnd(12),
        `${(waits[0] / waits[1]).toFixed(2)}x`,
      ];
      console.log(columns.join(" "));
    }
  } finally {
    postfix?.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
