import { isUtf8 } from "node:buffer";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Failure, isFailure, messageBytesMax } from "#core/index.ts";
import { type Caller, connectCalls } from "#thread/index.ts";
import type { Found } from "./found.ts";
import { held, memberHeldBytesMax, PassingBytes, tooLarge } from "./passing.ts";
import type { Place } from "./place.ts";
import { sourceKeyOf } from "./source-key.ts";

/** What the thread that reads a PST file is told. */
export interface PstWorkerData {
  path: string;
}

/** What that thread met next. */
export type PstAnswer =
  | { kind: "item"; owner: string | null; folders: readonly string[]; node: number; bytes: Uint8Array }
  | { kind: "unreadable"; folders: readonly string[]; node?: number; reason: string }
  | { kind: "end" };

/** What a PST or OST file begins with ([MS-PST] §2.2.2.6). */
const pstMark = Buffer.from("!BDN");
/** Longest that one item may take to be read, in ms: the largest take seconds, one that leads in circles for ever. */
const itemMsMax = 60_000;
/** Memory of the thread that reads, in MiB, beside the octets of items. */
const memoryMiB = 512;

/** Whether a file is one of Outlook's stores. */
export function isPst(head: Buffer): boolean {
  return head.subarray(0, pstMark.length).equals(pstMark);
}

/**
 * The items of a PST or OST file, each as docs/formats/outlook-item.md writes it down, folder by folder.
 *
 * What cannot be read is told and the rest goes on; an item that takes longer than a minute is given up. Needs the optional
 * package pst-extractor: without it the file is one unreadable thing that says so.
 */
export async function* readPst(place: Place, itemMs = itemMsMax): AsyncIterable<Found> {
  const label = String(place.path);
  const unreadable = (reason: string, where = label): Found => {
    return { kind: "unreadable", source: place.source, label: where, reason };
  };
  if (!isUtf8(place.path)) {
    yield unreadable("a PST file whose name is not UTF-8; rename it first");
    return;
  }
  let thread: PstThread | undefined;
  let met = 0;
  try {
    for (;;) {
      let answer: PstAnswer;
      const isFresh = thread === undefined;
      try {
        thread ??= await PstThread.open(label, met, itemMs);
        answer = await thread.next();
      } catch (error) {
        await thread?.end();
        thread = undefined;
        yield unreadable(faultOf(error));
        // A thread that was begun anew and ends at its first step will end there again.
        if (isFresh) return;
        met += 1;
        continue;
      }
      met += 1;
      if (answer.kind === "end") return;
      const folder = answer.folders.map(folderName).join("/");
      const where = `${label}: ${[folder, ...(answer.node === undefined ? [] : [`item ${answer.node}`])].join("/")}`;
      if (answer.kind === "unreadable") yield unreadable(answer.reason, where);
      else yield* readItem(place, answer, folder, where);
    }
  } finally {
    await thread?.end();
  }
}

async function* readItem(
  { path, source }: Place,
  { owner, node, bytes }: PstAnswer & { kind: "item" },
  folder: string,
  label: string,
): AsyncIterable<Found> {
  if (bytes.length > messageBytesMax) {
    yield { kind: "unreadable", source, label, reason: tooLarge };
    return;
  }
  // By its number alone: an item that is moved to another folder is the same.
  const sourceKey = sourceKeyOf(path, "pst-item", node);
  const found = { kind: "message" as const, source, label, sourceKey, folder, owner, unquoted: null };
  if (bytes.length <= memberHeldBytesMax) {
    yield { ...found, length: bytes.length, isRepeatable: true, bytes: () => held(bytes) };
    return;
  }
  const passing = new PassingBytes(bytes, { next: async () => ({ done: true, value: undefined }) });
  yield { ...found, length: bytes.length, isRepeatable: false, bytes: () => passing.take() };
  await passing.passed();
}

/** A folder's name as one step of a path. */
function folderName(name: string): string {
  return name.replaceAll("/", "\u2215");
}

function faultOf(error: unknown): string {
  const text = isFailure(error) ? error.message : String(error);
  if (/Cannot find (?:package|module) .*pst-extractor/.test(text))
    return "PST files are read with the package pst-extractor, which is not installed: npm install pst-extractor";
  return text;
}

// Sources run directly in development and as built files in a release; a thread's entry follows its parent.
const entry = new URL(import.meta.url.endsWith(".ts") ? "./pst-worker.ts" : "./pst-worker.js", import.meta.url);

/** The thread that reads one file. */
class PstThread {
  readonly #worker: Worker;
  readonly #caller: Caller;

  readonly #itemMs: number;

  private constructor(path: string, itemMs: number) {
    this.#itemMs = itemMs;
    // What the library prints about files is nobody's affair.
    this.#worker = new Worker(entry, {
      workerData: { path } satisfies PstWorkerData,
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
      stdout: true,
      stderr: true,
    });
    this.#caller = connectCalls(this.#worker, {});
    this.#worker.on("error", (error) => this.#caller.fail(gone(String(error))));
    this.#worker.on("exit", () => this.#caller.fail(gone("it ended the thread that reads it")));
  }

  static async open(path: string, passed: number, itemMs: number): Promise<PstThread> {
    const thread = new PstThread(path, itemMs);
    try {
      await thread.#inTime(thread.#caller.call<void>("open", passed));
      return thread;
    } catch (error) {
      await thread.end();
      throw error;
    }
  }

  next(): Promise<PstAnswer> {
    return this.#inTime(this.#caller.call<PstAnswer>("next", null));
  }

  async end(): Promise<void> {
    if (this.#worker.threadId === -1) return;
    const ended = once(this.#worker, "exit");
    await this.#worker.terminate();
    await ended;
  }

  /** Fails when the answer takes longer than {@link itemMsMax}; the thread is of no use then. */
  async #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const waiting = new AbortController();
    const late = sleep(this.#itemMs, null, { signal: waiting.signal, ref: false }).then(
      () => {
        throw gone(`it was not read within ${this.#itemMs / 1_000} seconds`);
      },
      () => answer,
    );
    try {
      return await Promise.race([answer, late]);
    } finally {
      waiting.abort();
    }
  }
}

function gone(reason: string): Failure {
  return new Failure("IMPORT-UNREADABLE", "never", reason);
}
