import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { concurrently, Failure, isFailure } from "#core/index.ts";
import { type FoundMessage, fitted, ImportTally, type RunCounts, readSources, type Unquoting } from "#import/index.ts";
import { type Client, interrupted } from "../client.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { outReport } from "../import-report.ts";
import { usageFailure } from "../problem.ts";
import { createProgress, type ProgressDisplay } from "../progress.ts";
import { printable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { type Call, goOn, onArchive, textOption, type Verb } from "../verb.ts";

/** Messages under way at once: enough to share one sync of the spool among many. */
const uploadsMax = 16;
/** How often the archive is asked how far it is, in ms. */
const pollMs = 100;
/** How long a full spool is waited for before the import gives up, and between attempts, in ms. */
const fullWaitMs = 300_000;
const fullPollMs = 1_000;
/** Failures that are about one message and stop no other. */
const itemFaults = new Set(["IMPORT-UNREADABLE", "IMPORT-TOO-LARGE"]);

const resume = "run the same import again, nothing is added twice";

/**
 * Brings in mail from files: every message found is offered once, and the command waits until each is in its final state.
 *
 * A repeated import of the same files adds nothing; its messages count as duplicates.
 */
export const importMail: Verb = async (call) => {
  const type = textOption(call, "type") ?? "standard";
  if (type !== "standard" && type !== "eej") throw usageFailure(`--type is ${type}; it must be standard or eej`);
  const unquoting = textOption(call, "unquote") ?? null;
  if (unquoting !== null && unquoting !== "mboxo" && unquoting !== "mboxrd")
    throw usageFailure(`--unquote is ${unquoting}; it must be mboxo or mboxrd`);
  for (const path of call.args) await mustExist(path);
  return onArchive(call, async (client) => {
    const { id } = await client.send<{ id: string }>("POST", "/imports");
    const progress = createProgress(call.terminal, "import");
    const tally = new ImportTally();
    const path = `/imports/${encodeURIComponent(id)}`;
    try {
      await offerAll({ call, client, run: path, type, unquoting, tally, progress });
      goOn(call.signal, resume);
      const run = await processed(client, path, call, progress);
      const { data } = await client.get<{ data: ({ source: string } & RunCounts)[] }>(`${path}/sources`);
      progress.end();
      return await told(call, tally, run, data);
    } catch (error) {
      progress.end();
      throw call.signal.aborted ? interrupted(`interrupted; ${resume}`) : error;
    }
  });
};

interface Offering {
  call: Call;
  client: Client;
  /** Path of the run in the API. */
  run: string;
  type: "standard" | "eej";
  unquoting: Unquoting;
  tally: ImportTally;
  progress: ProgressDisplay;
}

async function offerAll(offering: Offering): Promise<void> {
  const { call, tally, progress } = offering;
  const { terminal } = call;
  await concurrently(messagesOf(offering), uploadsMax, async (found) => {
    const reason = await offered(offering, found);
    if (reason !== null) {
      tally.add(found.source, "unreadable");
      terminal.warn(`not read: ${printable(found.label)}: ${reason}`);
    }
    progress.show({ done: tally.done(), total: null, unit: "messages" });
  });
}

/** The messages to offer, until the call is called off; what else is found is counted and told. */
async function* messagesOf({ call, tally, unquoting }: Offering): AsyncIterable<FoundMessage> {
  const { terminal, signal } = call;
  for await (const found of readSources(call.args, { unquoting })) {
    if (found.kind === "unreadable") {
      tally.add(found.source, "unreadable");
      terminal.warn(`not read: ${printable(found.label)}: ${found.reason}`);
    } else if (found.kind === "ignored") {
      tally.add(found.source, "ignored");
      if (terminal.isVerbose) terminal.note(`ignored: ${printable(found.label)}: ${found.reason}`);
    } else if (found.kind === "variant") {
      tally.readAs(found.source, found.variant);
      if (terminal.isVerbose || found.variant !== "mbox")
        terminal.note(`read as ${found.variant}: ${printable(found.label)}`);
    } else {
      yield found;
    }
    if (signal.aborted) return;
  }
}

/** Offers one message until the archive takes it; gives back why it could not be read, if so. */
async function offered({ call, client, run, type, tally }: Offering, found: FoundMessage): Promise<string | null> {
  const { folder, owner, unquoted } = found;
  const asked = new URLSearchParams({
    ...{ sourceKey: found.sourceKey, label: fitted(found.label), type },
    source: tally.nameOf(found.source),
    ...(folder === null ? {} : { folder: fitted(folder) }),
    ...(owner === null ? {} : { owner: fitted(owner) }),
    ...(unquoted === null ? {} : { unquoted }),
  });
  const path = `${run}/messages?${asked}`;
  const begunAt = performance.now();
  for (;;) {
    const body = found.bytes();
    try {
      const { state } = await client.upload<{ state: "accepted" | "known" }>(path, body, found.length);
      tally.add(found.source, state === "known" ? "known" : "accepted");
      return null;
    } catch (error) {
      if (isFailure(error) && itemFaults.has(error.code)) return error.publicText;
      const mayPass = isFailure(error) && error.retry === "later" && error.code !== "INTERNAL";
      const isPatient = !call.signal.aborted && performance.now() - begunAt < fullWaitMs;
      if (!mayPass || !found.isRepeatable || !isPatient) throw error;
    } finally {
      await body[Symbol.asyncIterator]().return?.();
    }
    await sleep(fullPollMs);
  }
}

/** Waits until nothing of the run is being processed any more. */
async function processed(client: Client, path: string, call: Call, progress: ProgressDisplay): Promise<RunCounts> {
  for (;;) {
    const run = await client.get<RunCounts>(path);
    progress.show({ done: run.accepted - run.processing, total: run.accepted, unit: "archived" });
    if (run.processing === 0) return run;
    await sleep(pollMs);
    goOn(call.signal, resume);
  }
}

async function told(
  { terminal }: Call,
  tally: ImportTally,
  run: RunCounts,
  runs: readonly ({ source: string } & RunCounts)[],
): Promise<ExitCode> {
  const total = tally.outcome(run);
  const sources = tally.bySource(runs);
  if (terminal.isJson) await outJson(terminal, { ...total, sources });
  else await outReport(terminal, total, sources);
  const { ignored, unreadable } = total;
  if (ignored > 0 && !terminal.isVerbose) terminal.note(`ignored ${ignored} files that are no mail; -v lists them`);
  return unreadable > 0 ? exitCodes.partly : exitCodes.done;
}

async function mustExist(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (cause) {
    throw new Failure("PATH-MISSING", "never", `cannot read ${path}: no such file or folder`, {
      effect: "nothing was imported",
      cause,
    });
  }
}
