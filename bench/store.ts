import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { openSqliteEngine } from "#catalogue/sqlite-engine.ts";
import { KiB, type MessageId, MiB } from "#core/index.ts";
import { documentOf } from "../src/archive/document.ts";
import { createFolderBlobStore } from "../src/blob/folder.ts";
import { createRealDisk } from "../src/disk/real.ts";
import { EmbeddedEngine } from "../src/search/embedded-engine.ts";
import { corpusFiles } from "../test/corpus.ts";
import { acme, openBatches } from "../test/support/batches.ts";
import { cpuSplit, type Step } from "./cpu-split.ts";
import { generatedMail } from "./generated-mail.ts";

// The archive stage in one thread: read, take parts out, compress, seal, write, prove, catalogue, index. What it leaves on
// disk is compared with gzip of each message and with zstd frames of whole messages. Items are in memory already; sockets,
// spool and the passing of batches between threads are left to `road`.

/** As the archive loop batches. */
const batchItemsMax = 256;
const batchBytesMax = 16 * MiB;

const steps: Step[] = [
  ["compress", /pack\/layout\.ts compress$/],
  ["seal", /keyring\/seal\.ts sealedPieces$/],
  [
    "read back and prove",
    /archive\/prove\.ts|pack\/read\.ts|base64-lines\.ts encodeLines|layout\.ts openFrame|seal\.ts unseal/,
  ],
  ["take parts out", /archive\/split\.ts|pack\/find-base64\.ts/],
  ["read mail", /src\/(mail|journal)\/|archive\/read-item\.ts|archive\/document\.ts/],
  ["catalogue", /src\/catalogue\/|kysely/],
  ["index", /src\/search\//],
  ["write", /src\/(disk|blob)\//],
  ["lay out and digest the pack", /src\/pack\/|src\/archive\//],
];

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Batches as the loop makes them of what waits. */
function* batchesOf(messages: readonly Buffer[]): Generator<Buffer[]> {
  let batch: Buffer[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (batch.length > 0 && (batch.length === batchItemsMax || bytes + message.length > batchBytesMax)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += message.length;
  }
  if (batch.length > 0) yield batch;
}

/** Archives and indexes everything into a folder of its own; gives what that took and what it left. */
async function store(
  messages: readonly Buffer[],
  type: "standard" | "eej",
  run: (work: () => Promise<void>) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), "muniment-bench-"));
  const catalogue = await openSqliteEngine(join(folder, "catalogue"));
  const search = new EmbeddedEngine(join(folder, "search"), () => undefined);
  try {
    const blobs = createFolderBlobStore(createRealDisk(), join(folder, "blobs"));
    const batches = await openBatches({ blobs, catalogue });
    const spooled = [...batchesOf(messages)].map((batch) => batches.spool(batch, type));
    const begun = performance.now();
    const cpuBegun = process.cpuUsage();
    let indexed = 0;
    await run(async () => {
      for (const archive of spooled) {
        const { texts } = await archive();
        const textById = new Map<MessageId, string>(texts);
        const changes = await catalogue.changes(acme, indexed, batchItemsMax * 2);
        const rows = await catalogue.messages(acme, [...new Set(changes.map(({ message }) => message))]);
        const seq = changes.at(-1)?.seq ?? indexed;
        search.apply(
          acme,
          rows.map((row) => documentOf(row, { text: textById.get(row.id) ?? "", filenames: [], smime: null }, [])),
          seq,
        );
        indexed = seq;
      }
    });
    const { user, system } = process.cpuUsage(cpuBegun);
    const seconds = (performance.now() - begun) / 1000;
    search.close();
    await catalogue.close();
    const disk = {
      packs: bytesBelow(join(folder, "blobs")),
      catalogue: bytesBelow(join(folder, "catalogue")),
      index: bytesBelow(join(folder, "search")),
    };
    return { seconds, cpuMs: (user + system) / 1000, disk };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bytes that the messages take with zstd over frames of whole messages, as packs had them before parts. */
function zstdFrames(messages: readonly Buffer[]): number {
  const frameBytes = 256 * KiB;
  const params = { [constants.ZSTD_c_compressionLevel]: 3 };
  let sum = 0;
  let frame: Buffer[] = [];
  let held = 0;
  for (const message of [...messages, null]) {
    if (message !== null) {
      frame.push(message);
      held += message.length;
    }
    if (held < frameBytes && message !== null) continue;
    const plain = Buffer.concat(frame);
    for (let at = 0; at < plain.length; at += MiB)
      sum += zstdCompressSync(plain.subarray(at, at + MiB), { params }).length;
    frame = [];
    held = 0;
  }
  return sum;
}

async function report(what: string, messages: readonly Buffer[], type: "standard" | "eej"): Promise<void> {
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  const line = (name: string, value: string) => console.log(`${name.padEnd(56)} ${value}`);
  console.log(`\n${what}: ${messages.length} messages, ${(bytes / 1e6).toFixed(1)} MB`);
  const per = (count: number) => (count / bytes).toFixed(3);
  const timed = await store(messages, type, (work) => work());
  let split = new Map<string, number>();
  const profiled = await store(messages, type, async (work) => {
    split = await cpuSplit(steps, work);
  });
  const { packs, catalogue, index } = timed.disk;
  line("bytes on disk per byte received, index included", per(packs + catalogue + index));
  line("  packs, catalogue, index", [packs, catalogue, index].map(per).join(", "));
  line("  gzip -6 of each message", per(messages.reduce((sum, message) => sum + gzipSync(message).length, 0)));
  line("  zstd -3 frames of whole messages", per(zstdFrames(messages)));
  line("archive stage, messages/s", (messages.length / timed.seconds).toFixed(0));
  line("archive stage, MB/s", (bytes / 1e6 / timed.seconds).toFixed(1));
  line("archive stage, CPU ms/message, all threads", (timed.cpuMs / messages.length).toFixed(2));
  line("messages/s per core (of CPU time)", ((messages.length * 1000) / timed.cpuMs).toFixed(0));
  console.log(
    `CPU of the thread by step, ms/message (profiled run, ${(profiled.cpuMs / messages.length).toFixed(2)} in all):`,
  );
  for (const [name, ms] of [...split].sort((a, b) => b[1] - a[1])) line(`  ${name}`, (ms / messages.length).toFixed(3));
}

/**
 * Measures the archive stage on the volumes of the corpus and on generated mail.
 *
 * @param count generated messages; the more there are, the more of their attachments are repeats
 */
export async function benchStore(count = Number(process.env.MUNIMENT_BENCH_MESSAGES ?? 2_000)): Promise<void> {
  const volumes = [...corpusFiles("volume-")].filter(({ name }) => name.includes("!")).map(({ bytes }) => bytes);
  await report("real mail (list and private mail, few attachments)", volumes, "standard");
  await report("generated office mail", generatedMail(count), "eej");
}
