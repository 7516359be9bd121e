import { Command, CommanderError } from "commander";
import type { CommandSpec } from "./command-spec.ts";
import { commands, commonOptionsOf, groups } from "./commands.ts";
import { helpText } from "./help.ts";
import { usageFailure } from "./problem.ts";

/** What a command line asks for. */
export type Asked =
  | { kind: "help"; text: string }
  | { kind: "run"; spec: CommandSpec; args: string[]; options: Record<string, unknown> };

/**
 * Reads a command line. Throws `USAGE`, with the nearest command or option where there is one.
 *
 * @param words what follows the program's name
 */
export function parseCommandLine(words: readonly string[]): Asked {
  let asked: Asked | undefined;
  const program = createProgram((one) => {
    asked = one;
  });
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") throw usageFailure(`name a command: ${commandsBelow(words).join(", ")}`);
    if (error.code !== "commander.helpDisplayed") {
      throw usageFailure(error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " "));
    }
  }
  if (asked === undefined) throw usageFailure("no command was given");
  return asked;
}

/** The commands that may follow `words`, of which a known group is the first. */
function commandsBelow(words: readonly string[]): string[] {
  const group = Object.keys(groups).find((name) => name === words[0]);
  return commands.map(({ name }) => name).filter((name) => group === undefined || name.startsWith(group + " "));
}

function createProgram(ask: (asked: Asked) => void): Command {
  const program = new Command("muniment");
  const parents = new Map<string, Command>();
  const silent = { writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined };
  program.exitOverride().configureOutput(silent).helpCommand(false);
  explain(program, "", ask);
  for (const [group, summary] of Object.entries(groups)) {
    const parent = program.command(group).description(summary).helpCommand(false);
    explain(parent, group, ask);
    parents.set(group, parent);
  }
  for (const spec of commands) {
    const [first = "", second] = spec.name.split(" ");
    const parent = second === undefined ? program : parents.get(first);
    explain(withSpec(parent!.command(second ?? first), spec, ask), spec.name, ask);
  }
  program
    .command("help")
    .argument("[words...]")
    .action((words: string[]) => {
      const text = helpText(words);
      if (text === undefined) throw usageFailure(`there is no help on ${words.join(" ")}`);
      ask({ kind: "help", text });
    });
  return program;
}

/** Gives `--help` of a command our own text. */
function explain(command: Command, name: string, ask: (asked: Asked) => void): void {
  command.configureHelp({
    formatHelp: () => {
      ask({ kind: "help", text: helpText(name === "" ? [] : name.split(" ")) ?? "" });
      return "";
    },
  });
}

function withSpec(command: Command, spec: CommandSpec, ask: (asked: Asked) => void): Command {
  command.description(spec.summary);
  for (const { name } of spec.args) command.argument(name);
  for (const { flags, isRequired } of [...spec.options, ...commonOptionsOf(spec)]) {
    if (isRequired) command.requiredOption(flags);
    else command.option(flags);
  }
  return command.action(() => {
    ask({ kind: "run", spec, args: command.args, options: command.opts() });
  });
}
