import { Piscina } from "piscina";
import { Failure, type FailureFacts, failureFrom } from "#core/index.ts";
import { needsRoom, type RoomMaker } from "#thread/index.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Answer, Command, EngineSettings } from "./sqlite-worker.ts";

/** Takes one event of the catalogue's own life, as a word and fields without mail content. */
export type CatalogueLog = (event: "catalogue thread lost", fields: { problem: string }) => void;

/**
 * Opens the catalogue in SQLite files: `installation.sqlite` and `tenants/TENANT.sqlite` under `directory`.
 *
 * SQLite runs in a thread of its own, one command after the other in the order of the calls, so that no sync of it
 * stops the caller. A thread that was lost is started again with the next command; the command it was at fails and its
 * outcome is unknown. Closing waits for what was called before.
 *
 * @throws Failure `CATALOGUE-FAULT` when the installation's file cannot be opened
 */
export async function openSqliteCatalogue(options: {
  directory: string;
  log?: CatalogueLog;
}): Promise<Catalogue & RoomMaker> {
  const settings: EngineSettings = { directory: options.directory };
  const pool = new Piscina<Command, Answer>({
    filename: threadEntry("sqlite-worker"),
    minThreads: 1,
    maxThreads: 1,
    recordTiming: false,
    workerData: settings,
  });
  pool.on("error", (error: unknown) => options.log?.("catalogue thread lost", { problem: textOf(error) }));

  let closing: Promise<void> | undefined;
  const run = async (method: Command["method"], args: unknown[]): Promise<unknown> => {
    const answer = await pool.run({ method, args }).catch((error: unknown) => {
      throw new Failure("CATALOGUE-FAULT", "later", `${method}: the catalogue's thread failed: ${textOf(error)}`, {
        publicText: "the catalogue cannot be used",
        cause: error,
      });
    });
    if (answer.kind === "failed") throw failureFrom(answer.facts);
    return answer.value;
  };
  const close = async (): Promise<void> => {
    try {
      await run("close", []);
    } finally {
      await pool.destroy();
    }
  };

  try {
    await run("open", []);
  } catch (error) {
    await pool.destroy();
    throw error;
  }
  const commands = Object.keys(isCommand).map((method) => [
    method,
    async (...args: unknown[]) => {
      if (closing !== undefined) throw new Failure("CATALOGUE-FAULT", "later", `${method}: the catalogue is closed`);
      return run(method as Command["method"], args);
    },
  ]);
  return {
    ...(Object.fromEntries(commands) as Omit<Catalogue, "snapshot" | "close">),
    snapshot: (target) => snapshot(options.directory, target),
    close: () => (closing ??= close()),
    makeRoom: (bytes) => {
      // For memory's sake alone: a thread that was lost has nothing lying about.
      if (needsRoom(bytes) && closing === undefined) run("makeRoom", [bytes]).catch(() => undefined);
    },
  };
}

/** Copies the files in a thread of its own, so that no command waits for it. */
async function snapshot(directory: string, target: string): Promise<"written"> {
  const pool = new Piscina<{ directory: string; target: string }, FailureFacts | null>({
    filename: threadEntry("sqlite-snapshot-worker"),
    minThreads: 1,
    maxThreads: 1,
    recordTiming: false,
  });
  try {
    const failure = await pool.run({ directory, target });
    if (failure !== null) throw failureFrom(failure);
    return "written";
  } finally {
    await pool.destroy();
  }
}

/** Sources run directly in development and as built files in a release. */
function threadEntry(name: string): string {
  return new URL(name + (import.meta.url.endsWith(".ts") ? ".ts" : ".js"), import.meta.url).href;
}

/** Every command that crosses to the engine; the type sees to it that none is forgotten. */
const isCommand: Record<Exclude<keyof Catalogue, "snapshot" | "close">, true> = {
  commit: true,
  merge: true,
  superseded: true,
  forgetSuperseded: true,
  knownReceipts: true,
  receiptStates: true,
  knownMessages: true,
  messages: true,
  messagesAfter: true,
  messagesInPack: true,
  messageCounts: true,
  parts: true,
  partsInPack: true,
  packs: true,
  packsAfter: true,
  packTotals: true,
  changes: true,
  lastChange: true,
  receipts: true,
  undecided: true,
  undecidedReasons: true,
  evidence: true,
  noteSmime: true,
  smime: true,
  smimeWaitingFor: true,
  smimeWaitingCounts: true,
  smimeTotals: true,
  readAgain: true,
  tallies: true,
  tenants: true,
  addTenant: true,
  ownDomains: true,
  putOwnDomains: true,
  connectors: true,
  addConnector: true,
  editConnector: true,
  putHistory: true,
  history: true,
  addAudit: true,
  audit: true,
  people: true,
  personByEmail: true,
  addPerson: true,
  addCredential: true,
  credential: true,
  takeCredential: true,
  sweepCredentials: true,
  clearArchive: true,
};

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
