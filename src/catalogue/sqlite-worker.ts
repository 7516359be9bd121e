import { workerData } from "node:worker_threads";
import { type FailureFacts, failureFacts } from "#core/index.ts";
import { makeRoom } from "#thread/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { openSqliteEngine } from "./sqlite-engine.ts";
import { sqliteFailure } from "./sqlite-failure.ts";
import { wellFormed } from "./well-formed.ts";

/** What the engine's thread is started with. */
export interface EngineSettings {
  directory: string;
}

/** One command of the catalogue, as it crosses to the engine's thread. `open` only opens, `makeRoom` only collects. */
export interface Command {
  method: keyof Catalogue | "open" | "makeRoom";
  args: unknown[];
}

/** What comes back. */
export type Answer = { kind: "done"; value: unknown } | { kind: "failed"; facts: FailureFacts };

let engine: Promise<Catalogue> | undefined;

/** Runs one command in the engine's thread. */
export default async function run({ method, args }: Command): Promise<Answer> {
  try {
    if (method === "makeRoom") {
      makeRoom(Number(args[0]));
      return { kind: "done", value: undefined };
    }
    const catalogue = await opened();
    if (method === "open") return { kind: "done", value: undefined };
    const command = catalogue[method] as (...args: unknown[]) => Promise<unknown>;
    return { kind: "done", value: await command(...wellFormed(args)) };
  } catch (error) {
    return { kind: "failed", facts: failureFacts(sqliteFailure(error, method, "")) };
  }
}

async function opened(): Promise<Catalogue> {
  const { directory } = workerData as EngineSettings;
  engine ??= openSqliteEngine(directory);
  try {
    return await engine;
  } catch (error) {
    // The next command tries again: what stood in the way may have gone.
    engine = undefined;
    throw error;
  }
}
