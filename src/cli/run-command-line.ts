import { readFile } from "node:fs/promises";
import { isFailure } from "#core/index.ts";
import { interrupted } from "./client.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { problemOf, problemText } from "./problem.ts";
import { parseCommandLine } from "./program.ts";
import type { ServerDoor } from "./server-door.ts";
import { readSettings } from "./settings.ts";
import { createTerminal, outJson, type Streams } from "./terminal.ts";

/** The surroundings of one command. */
export interface Surroundings extends Streams {
  environment: NodeJS.ProcessEnv;
  /** Standard input; without it, commands that read are refused. */
  stdin?: AsyncIterable<Uint8Array>;
  /** Aborts when the command is to end, and when it is to end at once. */
  signal: AbortSignal;
  hurry: AbortSignal;
  load(): Promise<ServerDoor>;
}

/**
 * Runs one command line and gives its exit code. Never throws.
 *
 * A problem goes to standard error in words; with `--json` standard output also gets `{"ok":false,"problem":…}`.
 * @param words what follows the program's name
 */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { signal, hurry, load, environment } = surroundings;
  let terminal = createTerminal(surroundings, { json: words.includes("--json") });
  try {
    if (words[0] === "--version" || words[0] === "-V") {
      await terminal.out((await productVersion()) + "\n");
      return 0;
    }
    const asked = parseCommandLine(words);
    if (asked.kind === "help") {
      await terminal.out(asked.text);
      return 0;
    }
    const { spec, args, options } = asked;
    terminal = createTerminal(surroundings, options);
    const settings = await readSettings(options, environment);
    const verb = await spec.load();
    return await verb({ args, options, settings, terminal, signal, hurry, load, input: surroundings.stdin });
  } catch (error) {
    const problem = problemOf(signal.aborted && !isFailure(error) ? interrupted() : error);
    if (problem.code === "OUTPUT-CLOSED") return exitCodeOf(problem);
    terminal.warn(`muniment: ${problemText(problem)}`);
    if (terminal.isJson) await outJson(terminal, { ok: false, problem }).catch(() => undefined);
    return exitCodeOf(problem);
  }
}

async function productVersion(): Promise<string> {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
}
