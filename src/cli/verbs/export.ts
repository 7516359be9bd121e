import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { originalExtensions, originalFile } from "#archive/index.ts";
import { inOrder, must } from "#core/index.ts";
import { checkedDownload } from "../checked-download.ts";
import { type Client, interrupted } from "../client.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "../exit-codes.ts";
import { type Problem, problemOf, problemText, usageFailure } from "../problem.ts";
import { createProgress } from "../progress.ts";
import { localZone, type Summary, searchPages } from "../search-pages.ts";
import { outJson } from "../terminal.ts";
import { untilSearchable } from "../until-searchable.ts";
import { type Call, goOn, onArchive, textOption, type Verb } from "../verb.ts";

/** Messages under way at once. */
const downloadsMax = 12;

const resume = "run the same export again, what is there is not fetched again";

/** What is exported of a message in which something was opened. */
type Form = "original" | "decrypted" | "both";

/** A file that an export wrote, and what it must hold. */
interface ExportedFile {
  sha256: string;
  bytes: number;
  file: string;
}

/** One line of the manifest: a message and the file that holds its exact bytes. */
interface ManifestLine extends Omit<ExportedFile, "file"> {
  id: string;
  /** Null where only what was opened in it is exported. */
  file: string | null;
  /** Where opened forms were asked for. */
  smime?: { state: string; key: string | null; algorithm: string | null } | null;
  /** What was opened in it, outermost first; `derivedFrom` is the digest of the message. */
  opened?: (ExportedFile & Omit<OpenedEntity, "sha256" | "bytes"> & { derivedFrom: string })[];
}

interface OpenedEntity {
  path: string;
  sha256: string;
  bytes: number;
  isDecrypted: boolean;
  isAuthenticated: boolean;
}

interface Opened {
  state: string | null;
  key: string | null;
  algorithm: string | null;
  entities: OpenedEntity[];
}

type Exported = { kind: "fetched" | "kept"; line: ManifestLine } | { kind: "failed"; id: string; problem: Problem };

interface Tally {
  fetched: number;
  kept: number;
  bytes: number;
  failed: { id: string; problem: Problem }[];
}

/**
 * Writes every message that matches to FOLDER/<id>.eml, or .msg where that is its form, what was opened in it beside or in place
 * of it where that is asked for, and FOLDER/manifest.jsonl over them in the order of the search.
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
  const form = formOf(call);
  // An export leaves nothing out, also not what was archived a moment ago.
  await untilSearchable(client, terminal, () => goOn(signal, resume));
  const unfinished = `${manifest}.part`;
  const lines = await open(unfinished, "w");
  let total = 0;
  try {
    const found = matching(call, client, form, (count) => {
      total = count;
    });
    for await (const one of inOrder(found, downloadsMax, (summary) => fetched(client, folder, form, summary))) {
      goOn(signal, resume);
      if (one.kind === "failed") {
        tally.failed.push(one);
        terminal.warn(`not exported: ${one.id}: ${problemText(one.problem)}`);
      } else {
        tally[one.kind] += 1;
        tally.bytes += bytesIn(one.line);
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

function formOf(call: Call): Form {
  const said = textOption(call, "form") ?? "original";
  if (said === "original" || said === "decrypted" || said === "both") return said;
  throw usageFailure(`--form is original, decrypted or both, not ${said}`);
}

/** Of the files that the line names. */
function bytesIn({ file, bytes, opened = [] }: ManifestLine): number {
  return opened.reduce((sum, one) => sum + one.bytes, file === null ? 0 : bytes);
}

async function* matching(
  call: Call,
  client: Client,
  form: Form,
  count: (total: number) => void,
): AsyncIterable<Summary> {
  const zone = textOption(call, "zone") ?? localZone();
  let isFirst = true;
  for await (const page of searchPages(client, call.args[0] ?? "", Number.POSITIVE_INFINITY, zone)) {
    count(page.total);
    if (isFirst) {
      call.terminal.note(`exporting ${page.total} messages, read as ${page.readAs}`);
      await client.send("POST", "/exports", { query: call.args[0] ?? "", messages: page.total, form });
    }
    isFirst = false;
    yield* page.data;
  }
}

async function fetched(client: Client, folder: string, form: Form, { id, sha256, bytes }: Summary): Promise<Exported> {
  try {
    must(/^[a-z]+_[0-9a-z]+$/.test(id), "a message id is a safe file name");
    const at = `/messages/${encodeURIComponent(id)}`;
    const opened = form === "original" ? null : await client.get<Opened>(`${at}/opened`);
    const line: ManifestLine = { id, sha256, bytes, file: null };
    let isKept = true;
    // What nothing was opened in is exported as it is: an export leaves nothing out.
    if (form !== "decrypted" || opened?.entities.length === 0) {
      const kept = await originalThere(folder, { id, sha256, bytes });
      line.file = kept ?? (await fetchedFile(client, folder, `${at}/raw`, id, sha256));
      if (kept === null) isKept = false;
    }
    if (opened !== null) {
      const { state, key, algorithm } = opened;
      line.smime = state === null ? null : { state, key, algorithm };
      line.opened = [];
      for (const [index, entity] of opened.entities.entries()) {
        const name = `${id}.opened-${index + 1}`;
        const one = { file: `${name}.eml`, ...entity, derivedFrom: sha256 };
        line.opened.push(one);
        if (await isThere(join(folder, one.file), one)) continue;
        isKept = false;
        await fetchedFile(client, folder, `${at}/entity?path=${encodeURIComponent(one.path)}`, name, one.sha256);
      }
    }
    return { kind: isKept ? "kept" : "fetched", line };
  } catch (error) {
    return { kind: "failed", id, problem: problemOf(error) };
  }
}

/** The file in which an earlier export left the message's octets; null when there is none. */
async function originalThere(
  folder: string,
  { id, sha256, bytes }: Pick<Summary, "id" | "sha256" | "bytes">,
): Promise<string | null> {
  for (const extension of originalExtensions) {
    const file = `${id}${extension}`;
    if (await isThere(join(folder, file), { sha256, bytes })) return file;
  }
  return null;
}

/** Fetches one file, under `name` and the extension that its first octets ask for; gives its name. */
async function fetchedFile(
  client: Client,
  folder: string,
  from: string,
  name: string,
  sha256: string,
): Promise<string> {
  const unfinished = join(folder, `${name}.part`);
  try {
    const original = await originalFile(checkedDownload(await client.download(from), name, sha256));
    await pipeline(original.bytes, createWriteStream(unfinished, { flush: true }));
    const file = `${name}${original.extension}`;
    await rename(unfinished, join(folder, file));
    return file;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Whether an earlier export left this very message. */
async function isThere(path: string, { sha256, bytes }: Pick<ExportedFile, "sha256" | "bytes">): Promise<boolean> {
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
