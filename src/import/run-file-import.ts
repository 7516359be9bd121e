import { type Clock, concurrently, Failure, isFailure, type TenantId } from "#core/index.ts";
import type { FileImport, FileImportReport, FileReading, ImportSink } from "./file-imports.ts";
import type { Found, FoundMessage } from "./found.ts";
import { fitted, ImportTally, type RunCounts } from "./tally.ts";

/** Messages under way at once: enough to share one sync of the spool among many. */
const offersMax = 8;
/** How long a full spool is waited for before the import gives up, and between attempts, in ms. */
const fullWaitMs = 300_000;
const fullPauseMs = 1_000;
/** Places that could not be read of which a report tells the reason. */
const unreadMax = 100;
/** Failures that are about one message and stop no other. */
const itemFaults = new Set(["IMPORT-UNREADABLE", "IMPORT-TOO-LARGE"]);
/** A run of which the archive counts nothing yet, or no more. */
const nothing: RunCounts = { accepted: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0 };

interface Surroundings {
  sink: ImportSink;
  clock: Clock;
  signal: AbortSignal;
  changed(): void;
}

/** One import of the server's, at work or at its end. */
export interface FileImportRun extends Omit<FileImport, "outcome">, FileReading {
  tenant: TenantId;
  tally: ImportTally;
  unread: FileImportReport["unread"];
  /** What the archive counted when it was done; until then it is asked. */
  final: { run: RunCounts; sources: (RunCounts & { source: string })[] } | null;
  /** Offers everything found, and resolves when each message is in its final state. Call it once. */
  read(found: AsyncIterable<Found>, surroundings: Surroundings): Promise<void>;
}

/** An import that nothing was read for so far. */
export function createRun(
  tenant: TenantId,
  facts: Pick<FileImport, "id" | "from" | "name" | "beganAt"> & FileReading,
): FileImportRun {
  const run: FileImportRun = {
    ...facts,
    tenant,
    state: "receiving",
    endedAt: null,
    received: null,
    announced: null,
    bytes: 0,
    problem: null,
    tally: new ImportTally(),
    unread: [],
    final: null,
    read: (found, surroundings) => readInto(run, found, surroundings),
  };
  return run;
}

/** What is told of an import. */
export function viewOf(run: FileImportRun, sink: ImportSink): FileImport {
  const { id, from, name, type, state, beganAt, endedAt, received, announced, bytes, problem } = run;
  const outcome = run.tally.soFar(run.final?.run ?? sink.importRun(run.tenant, id) ?? nothing);
  return { id, from, name, type, state, beganAt, endedAt, received, announced, bytes, outcome, problem };
}

/** What became of an import, so far or at its end. */
export function reportOf(run: FileImportRun, sink: ImportSink): FileImportReport {
  const sources = run.tally.bySource(run.final?.sources ?? sink.importSources(run.tenant, run.id) ?? []);
  return { ...viewOf(run, sink), sources, unread: [...run.unread] };
}

async function readInto(run: FileImportRun, found: AsyncIterable<Found>, around: Surroundings): Promise<void> {
  run.state = "reading";
  await concurrently(messagesOf(run, found, around), offersMax, async (message) => {
    const reason = await offered(run, message, around);
    if (reason !== null) noteUnread(run, message, reason);
  });
  goOn(around.signal);
  run.state = "archiving";
  around.changed();
  const counts = await processed(run, around);
  run.tally.outcome(counts);
  run.final = { run: counts, sources: around.sink.importSources(run.tenant, run.id) ?? [] };
}

/** The messages to offer, until the server stops; what else is found is counted. */
async function* messagesOf(
  run: FileImportRun,
  all: AsyncIterable<Found>,
  { signal }: Surroundings,
): AsyncIterable<FoundMessage> {
  for await (const found of all) {
    if (found.kind === "unreadable") noteUnread(run, found, found.reason);
    else if (found.kind === "ignored") run.tally.add(found.source, "ignored");
    else if (found.kind === "variant") run.tally.readAs(found.source, found.variant);
    else yield found;
    if (signal.aborted) return;
  }
}

/** Offers one message until the archive takes it; gives back why it could not be read, if so. */
async function offered(
  run: FileImportRun,
  found: FoundMessage,
  { sink, clock, signal }: Surroundings,
): Promise<string | null> {
  const { folder, owner, unquoted, sourceKey, length } = found;
  const origin = {
    source: run.tally.nameOf(found.source),
    folder: folder === null ? null : fitted(folder),
    owner: owner === null ? null : fitted(owner),
    ...(unquoted === null ? {} : { unquoted }),
  };
  const begunAt = clock.elapsedMs();
  for (;;) {
    const body = found.bytes();
    try {
      const item = { body, sourceKey, label: fitted(found.label), type: run.type, origin };
      const { state } = await sink.offerImport(run.tenant, run.id, item);
      run.tally.add(found.source, state);
      run.bytes += length;
      return null;
    } catch (error) {
      if (isFailure(error) && itemFaults.has(error.code)) return error.publicText;
      const mayPass = isFailure(error) && error.retry === "later" && error.code !== "INTERNAL";
      const isPatient = !signal.aborted && clock.elapsedMs() - begunAt < fullWaitMs;
      if (!mayPass || !found.isRepeatable || !isPatient) throw error;
    } finally {
      await body[Symbol.asyncIterator]().return?.();
    }
    await clock.sleep(fullPauseMs, signal);
  }
}

/** Waits until nothing of the run is being processed any more. */
async function processed(run: FileImportRun, { sink, signal }: Surroundings): Promise<RunCounts> {
  for (;;) {
    const waiting = new AbortController();
    const wake = () => waiting.abort();
    signal.addEventListener("abort", wake);
    // Before the counts are looked at, so that no change between the look and the waiting is missed.
    const change = sink.changed(waiting.signal);
    try {
      goOn(signal);
      const counts = sink.importRun(run.tenant, run.id);
      if (counts === undefined)
        throw new Failure("IMPORT-UNKNOWN", "never", "the archive counts this import no more; import the file again", {
          effect: "no mail is lost: what was taken stays taken, and the same file again adds nothing twice",
        });
      if (counts.processing === 0) return counts;
      await change;
    } finally {
      signal.removeEventListener("abort", wake);
      wake();
    }
  }
}

function noteUnread(run: FileImportRun, { source, label }: { source: string; label: string }, reason: string): void {
  run.tally.add(source, "unreadable");
  if (run.unread.length < unreadMax) run.unread.push({ label: fitted(label), reason });
}

function goOn(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Failure("SERVER-STOPPING", "later", "the server stopped before this import was done", {
    effect: "no mail is lost: what was taken stays taken, and the same file again adds nothing twice",
  });
}
