import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { commands, commonOptions, groups } from "./commands.ts";
import { exitMeanings } from "./exit-codes.ts";
import { helpText, topics } from "./help.ts";
import { parseCommandLine } from "./program.ts";
import { settingSpecs } from "./settings.ts";

/** The words of a line as a shell would split it: single and double quotes group, nothing else is special. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain!,
  );
}

test("every example of every command is a command line of that command", () => {
  for (const spec of commands) {
    assert.ok(spec.examples.length > 0, spec.name);
    for (const example of spec.examples) {
      const [program, ...words] = shellWords(example.replace(/ > .*/, ""));
      const asked = parseCommandLine(words);
      assert.equal(program, "muniment");
      assert.ok(asked.kind === "run" && asked.spec === spec, example);
    }
  }
});

test("every command loads what it does", async () => {
  for (const spec of commands) assert.equal(typeof (await spec.load()), "function", spec.name);
});

test("arguments and options arrive under their names, before or after each other", () => {
  const asked = parseCommandLine(["import", "--json", "a", "--data", "d", "b", "-q", "--no-input"]);
  assert.ok(asked.kind === "run");
  assert.deepEqual(asked.args, ["a", "b"]);
  assert.deepEqual(asked.options, { json: true, data: "d", quiet: true, input: false });
});

test("a query that begins with a minus follows two dashes", () => {
  const asked = parseCommandLine(["search", "--json", "--", "-connector:import"]);
  assert.ok(asked.kind === "run");
  assert.deepEqual(asked.args, ["-connector:import"]);
});

const wrong: [string[], RegExp][] = [
  [["serach", "x"], /unknown command 'serach' \(Did you mean search\?\)/],
  [["connectors", "lst"], /Did you mean list\?/],
  [["status", "--jsno"], /Did you mean --json\?/],
  [["status", "extra"], /too many arguments/],
  [["search"], /missing required argument 'query'/],
  [["export", "*"], /required option '--out <folder>'/],
  [["search", "x", "--limit"], /argument missing/],
  [["connectors"], /name a command: connectors list, connectors add/],
  [[], /name a command: .*init, serve, status/],
  [["help", "nonsense"], /no help on nonsense/],
];

test("a wrong command line is refused with what would be right", () => {
  for (const [words, message] of wrong) {
    assert.throws(() => parseCommandLine(words), { code: "USAGE", message }, words.join(" "));
  }
});

test("help of a command shows usage, examples, options and exit codes", () => {
  for (const spec of commands) {
    const text = helpText(spec.name.split(" ")) ?? "";
    for (const example of spec.examples) assert.ok(text.includes(example), spec.name);
    for (const { flags } of spec.options) assert.ok(text.includes(flags), spec.name);
    for (const code of spec.exits) assert.ok(text.includes(exitMeanings[code]), spec.name);
    assert.deepEqual(parseCommandLine([...spec.name.split(" "), "--help"]), { kind: "help", text });
    assert.deepEqual(parseCommandLine(["help", ...spec.name.split(" ")]), { kind: "help", text });
  }
  for (const words of [[], ...topics.map((topic) => [topic]), ...Object.keys(groups).map((group) => [group])]) {
    assert.deepEqual(parseCommandLine(["help", ...words]), { kind: "help", text: helpText(words) });
  }
});

test("docs/cli.md names every command, option, setting and exit code", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const named = [
    ...commands.map(({ name }) => `### ${name}\n`),
    ...[...commands.flatMap(({ options }) => options), ...commonOptions].map(({ flags }) => `\`${flags}\``),
    ...settingSpecs.map(({ variable }) => `\`${variable}\``),
    ...Object.entries(exitMeanings).map(([code, meaning]) => `| ${code} | ${meaning} |`),
  ];
  for (const text of named) assert.ok(page.includes(text), `docs/cli.md lacks ${text}`);
});
