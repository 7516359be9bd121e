import { ApiProblem, type Problem } from "../api.generated.ts";

/** The result of a long work, from its lines; other lines are passed over. Throws its problem. */
export async function resultOf<T>(
  lines: AsyncIterable<{ result: T } | { problem: Problem } | { progress: unknown }>,
): Promise<T> {
  for await (const line of lines) {
    if ("result" in line) return line.result;
    if ("problem" in line) throw new ApiProblem(line.problem);
  }
  throw new Error("the server ended before the work was done");
}
