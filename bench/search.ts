import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectorId, Instant, MessageId } from "#core/index.ts";
import { parseQuery, type Query } from "#query/index.ts";
import { conditionOf } from "#search/condition.ts";
import { openIndexFile } from "#search/embedded-file.ts";
import { selectionOf } from "#search/embedded-match.ts";
import { TenantIndex } from "#search/embedded-tenant.ts";
import type { SearchDocument } from "#search/index.ts";

/**
 * Measures the embedded search engine from inside: documents a second, size of the index, and for each class of queries
 * the newest 50 hits and the exact total, apart, since a result page shows the first before the second.
 *
 *     node --conditions=source bench/search.ts [DOCUMENTS=20000] [SEED=7]
 */
const documentCount = Number(process.argv[2] ?? 20_000);
const random = seeded(Number(process.argv[3] ?? 7));
const batchSize = 256;
const roundsPerClass = 40;
const runsPerQuery = 5;
const newestMs = Date.parse("2026-03-01T00:00:00Z");
const spanMs = 365 * 86_400_000;

const vocabulary = Array.from({ length: 40_000 }, inventedWord);
const people = Array.from({ length: 400 }, (_, at) => {
  const [first, last] = [vocabulary[at * 7]!, vocabulary[at * 11 + 3]!];
  return `${first} ${last} <${first}.${last}@${at % 3 === 0 ? "mail." : ""}example${at % 20}.com>`;
});

const directory = mkdtempSync(join(tmpdir(), "muniment-bench-search-"));
try {
  const path = join(directory, "index.sqlite");
  const index = new TenantIndex(openIndexFile(path).database);
  measureApply(index, path);
  measureQueries(index);
  index.close();
} finally {
  rmSync(directory, { recursive: true });
}

function measureApply(index: TenantIndex, path: string): void {
  let textBytes = 0;
  let ms = 0;
  for (let done = 0; done < documentCount; done += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, documentCount - done) }, (_, at) => newDocument(done + at));
    for (const document of batch) textBytes += Buffer.byteLength(textOf(document));
    const began = process.threadCpuUsage();
    index.apply(batch, done);
    const { user, system } = process.threadCpuUsage(began);
    ms += (user + system) / 1000;
  }
  const fileBytes = statSync(path).size;
  console.log(
    `${documentCount} documents, ${(textBytes / 1e6).toFixed(1)} MB text: ${Math.round((documentCount / ms) * 1000)} documents a second of processor time, ` +
      `${(textBytes / ms / 1000).toFixed(1)} MB/s, index ${(fileBytes / textBytes).toFixed(2)} of text`,
  );
}

function measureQueries(index: TenantIndex): void {
  let counted = 1;
  const classes: Record<string, () => string> = {
    "rare word": () => word(20_000, 40_000),
    "common word": () => word(0, 30),
    "two words": () => `${word(0, 200)} ${word(200, 3000)}`,
    "two common words": () => `${word(0, 30)} ${word(0, 30)}`,
    phrase: () => phrase(),
    "prefix of 2": () => `${start(2)}*`,
    "prefix of 3": () => `${start(3)}*`,
    "prefix of 4": () => `${start(4)}*`,
    "prefix of 5": () => `${start(5)}*`,
    sender: () => `from:${addressOf(person())}`,
    "sender name": () => `from:${person().split(" ")[0]}`,
    "recipient domain": () => `recipient:@example${Math.floor(random() * 20)}.com`,
    "domain below": () => "domain:*.com",
    "sender, dates, word": () => `from:${addressOf(person())} ${month()} ${word(0, 200)}`,
    "dates, word": () => `${month()} ${word(0, 200)}`,
    dates: () => month(),
    everything: () => "*",
    subject: () => `subject:${word(0, 200)}`,
    "OR of three": () => `${word(0, 200)} OR ${word(200, 3000)} OR ${word(3000, 40_000)}`,
    "NOT common": () => `-${word(0, 30)}`,
    "word NOT word": () => `${word(0, 200)} -${word(0, 30)}`,
    mark: () => "is:duplicate",
    "mark, word": () => `has:attachment ${word(0, 200)}`,
    size: () => "larger:100kb",
    "size, word": () => `larger:100kb ${word(0, 200)}`,
    "dates OR word": () => `(on:2026-02-01 OR ${word(200, 3000)}) ${word(0, 200)}`,
    "message-id": () => `<${Math.floor(random() * documentCount)}@example.com>`,
  };
  const lines = Object.entries(classes).map(([name, next]) => {
    const newest: number[] = [];
    const total: number[] = [];
    for (let round = 0; round < roundsPerClass; round++) {
      const query = read(next());
      const selection = selectionOf(conditionOf(query));
      newest.push(quickest(() => index.newest(selectionOf(conditionOf(query)), Number.MAX_SAFE_INTEGER, 51)));
      // Another lower bound each time, or the engine would remember the total.
      total.push(
        quickest(() =>
          index.total({ ...selection, from: selection.from === 0 ? -counted++ : selection.from + counted++ }),
        ),
      );
    }
    return {
      class: name,
      "newest p50": at(newest, 0.5),
      "newest p95": at(newest, 0.95),
      "total p50": at(total, 0.5),
      "total p95": at(total, 0.95),
    };
  });
  console.log("milliseconds in the engine, newest 50 and exact total");
  console.table(lines);
}

/** Milliseconds of the quickest of some runs: what the engine needs when nobody else has the processor. */
function quickest(work: () => unknown): number {
  const times = Array.from({ length: runsPerQuery }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
  return Math.min(...times);
}

function at(times: readonly number[], share: number): string {
  return [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * share)]!.toFixed(2);
}

function read(text: string): Query {
  const parse = parseQuery(text, { now: newestMs as Instant, zone: "UTC" });
  if (parse.kind === "problem") throw new Error(`${text}: ${parse.problem.message}`);
  return parse.query;
}

function newDocument(number: number): SearchDocument {
  // Mail comes nearly in order of its dates.
  const sentAt = newestMs - spanMs + Math.floor(((number + random() * 20) / documentCount) * (spanMs - 1e6));
  const [from, to, cc] = [person(), [person(), person()], random() < 0.3 ? [person()] : []];
  return {
    message: `msg_${hex(32)}` as MessageId,
    sentAt: (Math.floor(sentAt / 1000) * 1000) as Instant,
    subject: words(3 + Math.floor(random() * 6)),
    text: words(80 + Math.floor(random() ** 3 * 1200)),
    from: [from],
    headerTo: to,
    headerCc: cc,
    headerBcc: [],
    envelopeFrom: [addressOf(from)],
    envelopeTo: [...to, ...cc].map(addressOf),
    envelopeBcc: [],
    filenames: random() < 0.3 ? [`${words(2)}.pdf`] : [],
    sha256: [hex(64)],
    messageId: `<${number}@example.com>`,
    connectors: ["con_0123456789abcdef" as ConnectorId],
    marks: [...(random() < 0.3 ? ["attachment"] : []), ...(random() < 0.02 ? ["duplicate"] : [])],
    bytes: Math.floor(2000 + random() ** 6 * 5_000_000),
  };
}

function textOf({ subject, text, from, headerTo, headerCc }: SearchDocument): string {
  return [subject, text, ...from, ...headerTo, ...headerCc].join(" ");
}

/** Words with Zipf-like frequency, some of them in phrases that recur. */
function words(count: number): string {
  const chosen: string[] = [];
  while (chosen.length < count) chosen.push(random() < 0.1 ? phrase().slice(1, -1) : word(0, vocabulary.length));
  return chosen.join(" ");
}

function word(from: number, to: number): string {
  return vocabulary[from + Math.floor((to - from) ** random() - 1 + 1e-9)]!;
}

function start(length: number): string {
  let whole = word(0, 40_000);
  while (whole.length < length) whole = word(0, 40_000);
  return whole.slice(0, length);
}

function phrase(): string {
  const start = Math.floor(random() * 300) * 10;
  return `"${vocabulary.slice(start, start + 3).join(" ")}"`;
}

function person(): string {
  return people[Math.floor(random() ** 2 * people.length)]!;
}

function addressOf(mailbox: string): string {
  return /<(.*)>/.exec(mailbox)![1]!;
}

function month(): string {
  const month = String(1 + Math.floor(random() * 12)).padStart(2, "0");
  return `date:2025-${month}`;
}

function hex(length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
}

/** An invented word; rank and spelling have nothing to do with each other, as in a language. */
function inventedWord(): string {
  const [consonants, vowels] = ["bcdfghjklmnprstvwz", "aeiou"];
  let text = "";
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
    text += consonants[Math.floor(random() * consonants.length)]! + vowels[Math.floor(random() * vowels.length)]!;
    if (random() < 0.4) text += consonants[Math.floor(random() * consonants.length)]!;
  }
  return text;
}

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
