import { type Client, interrupted } from "./client.ts";
import type { ExitCode } from "./exit-codes.ts";
import { usageFailure } from "./problem.ts";
import { type SessionOptions, withArchive } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { Terminal } from "./terminal.ts";

/** One call of a command: what was asked, and where to answer. */
export interface Call {
  /** Arguments in order; a list argument stands as the rest. */
  args: readonly string[];
  /** Options by camel-case name. */
  options: Readonly<Partial<Record<string, unknown>>>;
  settings: Settings;
  terminal: Terminal;
  /** Aborts on SIGINT and SIGTERM. */
  signal: AbortSignal;
  /** Aborts on the second of them. */
  hurry: AbortSignal;
  /** What is typed or piped to the command; undefined where nothing can be. */
  input?: AsyncIterable<Uint8Array> | undefined;
  /** Where the server comes from; tests bring their own. */
  load: NonNullable<SessionOptions["load"]>;
}

/** What a command does. Throws {@link Failure}s, which the entry prints and turns into an exit code. */
export type Verb = (call: Call) => Promise<ExitCode>;

/** Runs `work` on the archive that the call is about. */
export function onArchive<T>(call: Call, work: (client: Client) => Promise<T>): Promise<T> {
  const { settings, signal, hurry, terminal, load } = call;
  return withArchive({ settings, signal, hurry, load, isVerbose: terminal.isVerbose }, work);
}

/** A text option, or undefined when it was not given. */
export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === "string" ? value : undefined;
}

/** A whole-number option between `least` and `most`; throws `USAGE` otherwise. */
export function numberOption(call: Call, name: string, range: { least: number; most: number }): number | undefined {
  const text = textOption(call, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= range.least && value <= range.most)) {
    throw usageFailure(`--${name} is ${text}; it must be a whole number from ${range.least} to ${range.most}`);
  }
  return value;
}

/** Throws `INTERRUPTED` once the call is called off. */
export function goOn(signal: AbortSignal, resume: string): void {
  if (signal.aborted) throw interrupted(`interrupted; ${resume}`);
}
