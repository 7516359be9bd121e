import type { ExitCode } from "./exit-codes.ts";
import type { Verb } from "./verb.ts";

/** An option as commander writes it: `--name <value>`. */
export interface OptionSpec {
  flags: string;
  text: string;
  isRequired?: true;
}

/** One command. docs/cli.md describes each under its name. */
export interface CommandSpec {
  /** Its words: `connectors add`. */
  name: string;
  /** Arguments as commander writes them, with what they mean. */
  args: readonly { name: string; text: string }[];
  summary: string;
  options: readonly OptionSpec[];
  /** Whole command lines, the simplest first. */
  examples: readonly string[];
  /** Exit codes besides 0, 1 and 2. */
  exits: readonly ExitCode[];
  /** Loads what it does; nothing else of it is loaded before. */
  load(): Promise<Verb>;
}
