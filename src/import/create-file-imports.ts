import { Failure, failureFacts, type TenantId } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { FileImport, FileImportParts, FileImports, FileReading } from "./file-imports.ts";
import type { Found } from "./found.ts";
import { readSources } from "./read-sources.ts";
import { createRun, type FileImportRun, reportOf, viewOf } from "./run-file-import.ts";
import { allowedPath } from "./server-paths.ts";
import { turnTaker } from "./turn-taker.ts";
import { asUploaded, plainUploadName } from "./upload-names.ts";

/** Imports that are read at once: a long one must not keep a short one waiting, and reading is work beside everything else. */
const readingMax = 2;
/** Imports of one tenant that are not at an end: each may hold a file on the disk. */
const underWayMax = 100;
/** Imports of one tenant that are remembered after their end. */
const endedMax = 50;
/** How often the upload of a file is told, in ms. */
const tellMs = 500;

/** The server's imports. `stop` must be called before the archive stops. */
export function createFileImports(parts: FileImportParts): FileImports {
  const { sink, uploads, clock } = parts;
  const runs = new Map<TenantId, FileImportRun[]>();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const turns = turnTaker(readingMax);

  function begin(tenant: TenantId, facts: Pick<FileImport, "from" | "name"> & FileReading): FileImportRun {
    if (stopping.signal.aborted) throw new Failure("SERVER-STOPPING", "later", "the server stops");
    const mine = runs.get(tenant) ?? [];
    if (mine.filter(({ endedAt }) => endedAt === null).length >= underWayMax)
      throw new Failure("IMPORT-BUSY", "later", `${underWayMax} imports are under way already`, {
        effect: "this one was not begun; the others go on",
      });
    const run = createRun(tenant, { ...facts, id: sink.beginImport(tenant), beganAt: clock.now() });
    runs.set(tenant, [run, ...mine]);
    return run;
  }

  function end(run: FileImportRun, error: unknown): void {
    run.endedAt = clock.now();
    if (error === null) run.state = "done";
    else {
      run.state = "failed";
      run.problem = failureFacts(error);
      parts.failed(run.id, error);
    }
    const mine = runs.get(run.tenant) ?? [];
    const ended = mine.filter(({ endedAt }) => endedAt !== null).slice(endedMax);
    runs.set(
      run.tenant,
      mine.filter((one) => !ended.includes(one)),
    );
    parts.changed();
  }

  /** Reads it when its turn comes; never rejects. */
  function follow(run: FileImportRun, found: () => AsyncIterable<Found>, last: () => Promise<void>): void {
    run.state = "waiting";
    parts.changed();
    const read = async () => {
      const done = await turns.take();
      try {
        await run.read(found(), { sink, clock, signal: stopping.signal, changed: parts.changed });
      } finally {
        done();
      }
    };
    const work = async () => {
      const problem = await read().then(
        () => null,
        (error: unknown) => error,
      );
      // Before it is said to have ended: whoever sees that may look whether the upload is gone.
      await last().catch((error: unknown) => parts.failed(run.id, error));
      end(run, problem);
    };
    const going: Promise<void> = work().finally(() => underWay.delete(going));
    underWay.add(going);
  }

  return {
    folders: parts.folders,
    list: (tenant) => (runs.get(tenant) ?? []).map((run) => viewOf(run, sink)),
    report: (tenant, id) => {
      const run = runs.get(tenant)?.find((one) => one.id === id);
      return run && reportOf(run, sink);
    },
    readPath: async (tenant, path, how, begun) => {
      const real = await allowedPath(path, parts.folders, parts.own);
      const run = begin(tenant, { from: "path", name: real, ...how });
      try {
        await begun(run.id, real);
      } catch (error) {
        end(run, error);
        throw error;
      }
      follow(
        run,
        () => readSources([real], { unquoting: how.unquoting }),
        async () => undefined,
      );
      return viewOf(run, sink);
    },
    readUpload: async (tenant, { name: given, body, announced }, how, begun) => {
      const name = plainUploadName(given);
      const run = begin(tenant, { from: "upload", name, ...how });
      run.announced = announced;
      run.received = 0;
      let folder: string;
      try {
        await begun(run.id, name);
        folder = await uploads.keep(run.id, name, counted(run, body), announced);
      } catch (error) {
        end(run, error);
        throw error;
      }
      follow(
        run,
        () => uploaded(folder, name, how),
        () => uploads.remove(run.id),
      );
      return viewOf(run, sink);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(underWay);
    },
  };

  async function* counted(run: FileImportRun, body: Bytes): AsyncGenerator<Uint8Array> {
    let told = clock.elapsedMs();
    for await (const piece of body) {
      if (stopping.signal.aborted) throw new Failure("SERVER-STOPPING", "later", "the server stops");
      run.received = (run.received ?? 0) + piece.length;
      if (clock.elapsedMs() - told >= tellMs) {
        told = clock.elapsedMs();
        parts.changed();
      }
      yield piece;
    }
  }
}

async function* uploaded(folder: string, name: string, { unquoting }: FileReading): AsyncIterable<Found> {
  for await (const found of readSources([`${folder}/${name}`], { unquoting })) yield asUploaded(found, folder, name);
}
