import { Failure } from "#core/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { secondsOf } from "../pop3-options.ts";
import { type Problem, ProblemFailure } from "../problem.ts";
import { printable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { onArchive, textOption, type Verb } from "../verb.ts";

interface Step {
  name: string;
  number: number;
  state: "passed" | "warned" | "failed" | "not-run";
  ok: boolean;
  ms: number;
  evidence: string[];
  meaning: string;
  fix: string;
}

interface Report {
  grade: string;
  passed: boolean;
  steps: Step[];
  changed: string[];
  comparedWith: string | null;
  deleted: number;
  letter: string;
}

interface Canary {
  word: string;
  address: string;
  seconds: number;
}

type Line = { step: Step } | { canary: Canary } | { result: Report } | { problem: Problem };

const marks = { passed: "ok  ", warned: "WARN", failed: "FAIL", "not-run": "-   " } as const;

/** Tries a connector step by step, without deleting anything, and says what each step found, what it means and what to do. */
export const test: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const waitSeconds = secondsOf(textOption(call, "wait"), "--wait");
    const query = waitSeconds === undefined ? "" : `?waitSeconds=${waitSeconds}`;
    const path = `/connectors/${encodeURIComponent(call.args[0] ?? "")}/tests${query}`;
    for await (const line of client.lines<Line>(path)) {
      if ("problem" in line) throw new ProblemFailure(line.problem);
      if ("step" in line) {
        if (!terminal.isJson) await terminal.out(stepText(line.step));
        continue;
      }
      if ("canary" in line) {
        // Also with --json: whoever runs it has to send the mail while it waits.
        if (terminal.isJson) await outJson(terminal, line);
        else await terminal.out(canaryText(line.canary));
        continue;
      }
      const report = line.result;
      if (terminal.isJson) await outJson(terminal, report);
      else await terminal.out(endText(report));
      return report.passed ? exitCodes.done : exitCodes.failed;
    }
    throw new Failure("SERVER-STOPPING", "later", "the server ended before the test was done");
  });

function canaryText({ word, address, seconds }: Canary): string {
  return [
    `Send a mail with ${word} in its subject now, from the mail server: to somebody whose mail is journaled, or to`,
    `${address} itself. It is waited for ${seconds} s.`,
    "",
  ].join("\n");
}

function stepText({ name, number, state, ms, evidence, meaning, fix }: Step): string {
  const head = `${marks[state]} ${String(number).padStart(2)} ${name.padEnd(11)} ${evidence.map(printable).join("; ")}`;
  const time = state === "not-run" ? "" : `  (${ms} ms)`;
  const advice = [meaning, fix === "" ? "" : `What to do: ${fix}`].filter(Boolean);
  return `${[head + time, ...advice.map((words) => `        ${printable(words)}`)].join("\n")}\n`;
}

function endText({ grade, changed, comparedWith, letter }: Report): string {
  const since = comparedWith === null ? "No test passed before." : `Since the last test that passed (${comparedWith}):`;
  const changes =
    comparedWith === null
      ? []
      : changed.length === 0
        ? ["  nothing changed"]
        : changed.map((one) => `  ${printable(one)}`);
  const mail = letter === "" ? [] : ["", "For those who run the mail server:", ...letter.split("\n").map(printable)];
  return `${["", `Grade ${grade}. Nothing was deleted.`, since, ...changes, ...mail].join("\n")}\n`;
}
