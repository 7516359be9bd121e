/**
 * How fast `readMessage` reads real mail beside mailparser's simpleParser. Rounds are interleaved in one run and
 * medians are compared, because the machine may be shared: only the ratio is worth quoting.
 *
 * `node --conditions=source bench/mail.ts [rounds]`
 */
import { simpleParser } from "mailparser";
import { readMessage } from "#mail/index.ts";
import { corpusFiles } from "../test/corpus.ts";

const rounds = Number(process.argv[2] ?? 5);
const messages = [...corpusFiles("volume-spamassassin", "volume-linux-integrity")]
  .filter(({ name }) => name.includes("easy-ham-1.tar.gz!") || name.includes("linux-integrity.tar.gz!"))
  .map(({ bytes }) => Buffer.from(bytes));
const bytesTotal = messages.reduce((sum, { length }) => sum + length, 0);

async function timed(work: () => Promise<void> | void): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function readAll(): void {
  for (const bytes of messages) readMessage(bytes);
}

async function parseAll(): Promise<void> {
  for (const bytes of messages) await simpleParser(bytes);
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
const ours: number[] = [];
const theirs: number[] = [];
readAll();
for (let round = 0; round < rounds; round += 1) {
  ours.push(await timed(readAll));
  theirs.push(await timed(parseAll));
}
console.log(line("readMessage", median(ours)));
console.log(line("mailparser", median(theirs)));
console.log(`ratio        ${(median(theirs) / median(ours)).toFixed(1)}x`);
