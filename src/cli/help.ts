import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { commands, commonOptionsOf, groups } from "./commands.ts";
import { type ExitCode, exitMeanings } from "./exit-codes.ts";
import { settingSpecs } from "./settings.ts";

/** Help that is about no command. */
export const topics = ["exit-codes", "settings"] as const;

/** Help for all, for a group, for a command, or on a topic; undefined when there is none under these words. */
export function helpText(words: readonly string[]): string | undefined {
  const name = words.join(" ");
  if (name === "") return overview();
  if (name === "exit-codes") return "Exit codes:\n" + exitLines(Object.keys(exitMeanings).map(Number) as ExitCode[]);
  if (name === "settings") return settingsText();
  const spec = commands.find((command) => command.name === name);
  if (spec !== undefined) return commandText(spec);
  return groups[name] === undefined ? undefined : groupText(name);
}

function overview(): string {
  return (
    "Muniment keeps mail as evidence.\n\n" +
    "Usage: muniment <command> [options]\n\n" +
    "Examples:\n" +
    lines([
      "muniment init --data ./data",
      "muniment serve --data ./data",
      "muniment search 'from:anna' --data ./data",
    ]) +
    "\nCommands:\n" +
    pairs(commands.map(({ name, summary }) => [name, summary])) +
    "\nSee also: muniment help <command>, " +
    topics.map((topic) => `muniment help ${topic}`).join(", ") +
    "\n"
  );
}

function groupText(group: string): string {
  const members = commands.filter(({ name }) => name.startsWith(group + " "));
  return `${groups[group]}.\n\nCommands:\n${pairs(members.map(({ name, summary }) => [name, summary]))}`;
}

function commandText(spec: CommandSpec): string {
  const { name, args, summary, options, examples, exits } = spec;
  const usage = ["muniment", name, ...args.map((one) => one.name), "[options]"].join(" ");
  const parts = [
    `${summary}.\n\nUsage: ${usage}\n\nExamples:\n${lines(examples)}`,
    args.length === 0 ? "" : `\nArguments:\n${pairs(args.map((one) => [one.name, one.text]))}`,
    options.length === 0 ? "" : `\nOptions:\n${optionLines(options)}`,
    `\nCommon options:\n${optionLines(commonOptionsOf(spec))}`,
    `\nExit codes:\n${exitLines([0, 1, 2, ...exits])}`,
    "\nSee also: muniment help exit-codes, muniment help settings, docs/cli.md\n",
  ];
  return parts.join("");
}

function settingsText(): string {
  const rows = settingSpecs.map(({ name, flag, variable, fallback, text }): [string, string] => [
    `${flag}  ${variable}  ${name === "data" ? "-" : name}`,
    `${text} (default ${fallback ?? "none"})`,
  ]);
  return (
    "Settings, by flag, environment variable and key in DIR/muniment.yaml.\n" +
    "A flag wins over the environment, that over the file, that over the default.\n\n" +
    pairs(rows)
  );
}

function optionLines(options: readonly OptionSpec[]): string {
  return pairs(options.map(({ flags, text, isRequired }) => [flags, isRequired ? `${text} (required)` : text]));
}

function exitLines(codes: readonly ExitCode[]): string {
  const sorted = [...new Set(codes)].sort((a, b) => a - b);
  return pairs(sorted.map((code) => [String(code), exitMeanings[code]]));
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `  ${text}\n`).join("");
}

function pairs(rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}\n`).join("");
}
