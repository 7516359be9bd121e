import { Failure } from "#core/index.ts";
import type { Client } from "./client.ts";
import { type Problem, ProblemFailure } from "./problem.ts";
import { createProgress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

type WorkLine<T> = { progress: { done: number; total: number; unit: string } } | { result: T } | { problem: Problem };

/** Starts a long work by POST, shows its progress, and gives its result or throws its problem. */
export async function workResult<T>(
  client: Client,
  path: string,
  terminal: Terminal,
  label: string,
  body?: object,
): Promise<T> {
  const progress = createProgress(terminal, label);
  try {
    for await (const line of client.lines<WorkLine<T>>(path, body)) {
      if ("progress" in line) progress.show(line.progress);
      else if ("problem" in line) throw new ProblemFailure(line.problem);
      else return line.result;
    }
  } finally {
    progress.end();
  }
  throw new Failure("SERVER-STOPPING", "later", "the server ended before the work was done");
}
