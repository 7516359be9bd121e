/**
 * How fast `readMessage` reads real mail beside mailparser's simpleParser and postal-mime. Rounds are interleaved in one run
 * and medians are compared, because the machine may be shared: only the ratio is worth quoting.
 *
 * `node --conditions=source bench/run.ts mail [rounds]`
 */
import { simpleParser } from "mailparser";
import PostalMime from "postal-mime";
import { readMessage } from "#mail/index.ts";
import { corpusFiles } from "../test/corpus.ts";

const rounds = Number(process.argv.at(-1)) || 5;
const messages = [...corpusFiles("volume-spamassassin", "volume-linux-integrity")]
  .filter(({ name }) => name.includes("easy-ham-1.tar.gz!") || name.includes("linux-integrity.tar.gz!"))
  .map(({ bytes }) => Buffer.from(bytes));
const bytesTotal = messages.reduce((sum, { length }) => sum + length, 0);

async function timed(work: () => Promise<void> | void): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

const readers: Record<string, (bytes: Buffer) => Promise<unknown> | unknown> = {
  readMessage: (bytes) => readMessage(bytes),
  mailparser: (bytes) => simpleParser(bytes),
  "postal-mime": (bytes) => PostalMime.parse(bytes),
};

async function readAll(read: (bytes: Buffer) => Promise<unknown> | unknown): Promise<void> {
  for (const bytes of messages) await read(bytes);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function line(name: string, ms: number): string {
  const messagesPerSecond = Math.round((messages.length / ms) * 1000);
  const megabytesPerSecond = (bytesTotal / ms / 1000).toFixed(1);
  return `${name.padEnd(12)} ${String(messagesPerSecond).padStart(7)} messages/s ${megabytesPerSecond.padStart(7)} MB/s`;
}

console.log(`${messages.length} messages, ${(bytesTotal / 1e6).toFixed(1)} MB, ${rounds} rounds of each, medians`);
const times = new Map<string, number[]>();
await readAll(readMessage);
for (let round = 0; round < rounds; round += 1)
  for (const [name, read] of Object.entries(readers))
    times.set(name, [...(times.get(name) ?? []), await timed(() => readAll(read))]);
const ours = median(times.get("readMessage") ?? []);
for (const [name, all] of times)
  console.log(
    `${line(name, median(all))}${name === "readMessage" ? "" : `   ours ${(median(all) / ours).toFixed(1)}x`}`,
  );
