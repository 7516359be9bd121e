import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { originalExtensions, originalFile } from "#archive/index.ts";
import { must } from "#core/index.ts";
import { checkedDownload } from "../checked-download.ts";
import { type Client, interrupted } from "../client.ts";
import { inOrder } from "../concurrently.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "../exit-codes.ts";
import { type Problem, problemOf, problemText } from "../problem.ts";
import { createProgress } from "../progress.ts";
import { localZone, type Summary, searchPages } from "../search-pages.ts";
import { outJson } from "../terminal.ts";
import { type Call, goOn, onArchive, textOption, type Verb } from "../verb.ts";

/** Messages under way at once. */
const downloadsMax = 12;

const resume = "run the same export again, what is there is not fetched again";

/** One line of the manifest: a message and the file that holds its exact bytes. */
interface ManifestLine {
  id: string;
  sha256: string;
  bytes: number;
  file: string;
}

type Exported = { kind: "fetched" | "kept"; line: ManifestLine } | { kind: "failed"; id: string; problem: Problem };

interface Tally {
  fetched: number;
  kept: number;
  bytes: number;
  failed: { id: string; problem: Problem }[];
}

/**
 * Writes every message that matches to FOLDER/<id>.eml, or .msg where that is its form, and FOLDER/manifest.jsonl over them in the order of the search.
 *
 * Each file appears complete or not at all; one that is there with the right bytes is kept. The manifest comes last.
 */
export const exportMail: Verb = (call) =>
  onArchive(call, async (client) => {
    const folder = textOption(call, "out") ?? "";
    await mkdir(folder, { recursive: true });
    const manifest = join(folder, "manifest.jsonl");
    const tally = await exported(call, client, folder, manifest);
    return told(call, manifest, tally);
  });

async function exported(call: Call, client: Client, folder: string, manifest: string): Promise<Tally> {
  const { terminal, signal } = call;
  const tally: Tally = { fetched: 0, kept: 0, bytes: 0, failed: [] };
  const progress = createProgress(terminal, "export");
  const unfinished = `${manifest}.part`;
  const lines = await open(unfinished, "w");
  let total = 0;
  try {
    const found = matching(call, client, (count) => {
      total = count;
    });
    for await (const one of inOrder(found, downloadsMax, (summary) => fetched(client, folder, summary))) {
      goOn(signal, resume);
      if (one.kind === "failed") {
        tally.failed.push(one);
        terminal.warn(`not exported: ${one.id}: ${problemText(one.problem)}`);
      } else {
        tally[one.kind] += 1;
        tally.bytes += one.line.bytes;
        await lines.write(JSON.stringify(one.line) + "\n");
      }
      progress.show({ done: tally.fetched + tally.kept + tally.failed.length, total, unit: "messages" });
    }
    await lines.sync();
  } catch (error) {
    throw signal.aborted ? interrupted(`interrupted; ${resume}`) : error;
  } finally {
    progress.end();
    await lines.close();
  }
  await rename(unfinished, manifest);
  return tally;
}

async function* matching(call: Call, client: Client, count: (total: number) => void): AsyncIterable<Summary> {
  const zone = textOption(call, "zone") ?? localZone();
  let isFirst = true;
  for await (const page of searchPages(client, call.args[0] ?? "", Number.POSITIVE_INFINITY, zone)) {
    count(page.total);
    if (isFirst) {
      call.terminal.note(`exporting ${page.total} messages, read as ${page.readAs}`);
      await client.send("POST", "/exports", { query: call.args[0] ?? "", messages: page.total });
    }
    isFirst = false;
    yield* page.data;
  }
}

async function fetched(client: Client, folder: string, { id, sha256, bytes }: Summary): Promise<Exported> {
  const lineOf = (extension: string) => ({ id, sha256, bytes, file: `${id}${extension}` });
  try {
    must(/^[a-z]+_[0-9a-z]+$/.test(id), "a message id is a safe file name");
    for (const extension of originalExtensions) {
      const line = lineOf(extension);
      if (await isThere(join(folder, line.file), line)) return { kind: "kept", line };
    }
    const unfinished = join(folder, `${id}.part`);
    try {
      const download = await client.download(`/messages/${encodeURIComponent(id)}/raw`);
      const original = await originalFile(checkedDownload(download, id, sha256));
      await pipeline(original.bytes, createWriteStream(unfinished, { flush: true }));
      const line = lineOf(original.extension);
      await rename(unfinished, join(folder, line.file));
      return { kind: "fetched", line };
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  } catch (error) {
    return { kind: "failed", id, problem: problemOf(error) };
  }
}

/** Whether an earlier export left this very message. */
async function isThere(path: string, { sha256, bytes }: ManifestLine): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.size !== bytes || !facts.isFile()) return false;
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest("hex") === sha256;
}

async function told({ terminal }: Call, manifest: string, tally: Tally): Promise<ExitCode> {
  const { fetched, kept, bytes, failed } = tally;
  const exportedCount = fetched + kept;
  if (terminal.isJson) {
    await outJson(terminal, { exported: exportedCount, kept, bytes, manifest, failed });
  } else {
    await terminal.out(`exported ${exportedCount} messages, ${bytes} bytes; manifest ${manifest}\n`);
  }
  if (failed.length === 0) return exitCodes.done;
  const isDamaged = failed.some(({ problem }) => exitCodeOf(problem) === exitCodes.integrity);
  return isDamaged ? exitCodes.integrity : exitCodes.partly;
}
