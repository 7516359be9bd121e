import { workerData } from "piscina";
import { type FailureFacts, failureFacts, type TenantId } from "#core/index.ts";
import { makeRoom } from "#thread/index.ts";
import { EmbeddedEngine } from "./embedded-engine.ts";

/** A call of one method of the engine, as it crosses into the thread; `makeRoom` only collects. */
export interface Call {
  method: "apply" | "indexedTo" | "search" | "size" | "drop" | "close" | "makeRoom";
  parameters: unknown[];
}

/** What the call gave, and which tenants' indexes were begun anew in it. */
export type Answer = { rebuilt: TenantId[] } & (
  | { kind: "done"; result: unknown }
  | { kind: "failed"; failure: FailureFacts }
);

/** What the thread is started with. */
export interface WorkerSettings {
  directory: string;
}

let rebuilt: TenantId[] = [];
const engine = new EmbeddedEngine((workerData as WorkerSettings).directory, (tenant) => rebuilt.push(tenant));

/** Entry of the search thread: one call at a time, so `rebuilt` belongs to the present one. */
export default function answer({ method, parameters }: Call): Answer {
  rebuilt = [];
  try {
    return { kind: "done", result: done(method, parameters), rebuilt };
  } catch (error) {
    return { kind: "failed", failure: failureFacts(error), rebuilt };
  }
}

function done(method: Call["method"], parameters: unknown[]): unknown {
  if (method === "makeRoom") return makeRoom(Number(parameters[0]));
  const call = engine[method] as (...parameters: unknown[]) => unknown;
  return call.apply(engine, parameters);
}
