import type { CanaryCall, StepReport, TestReport } from "#extraction/index.ts";
import { problemOf } from "./problem.ts";

/**
 * Runs a test and yields its steps as JSON lines, each as it ends, and what mail it waits for, then one line with the report or its problem. No step is
 * left out, however slow the reader: there are few. When nobody reads any more, `work` is told by its signal.
 */
export async function* stepLines(
  work: (told: (step: StepReport) => void, called: (canary: CanaryCall) => void) => Promise<TestReport>,
  render: (report: TestReport) => object,
  more: { traceId: string; onFailure(error: unknown): void },
): AsyncGenerator<string> {
  const lines: object[] = [];
  let isOver = false;
  let wake = () => {};
  const add = (line: object) => {
    lines.push(line);
    wake();
  };
  // In a function of its own, so that what throws at once is told like what rejects later.
  (async () =>
    work(
      (step) => add({ step }),
      (canary) => add({ canary }),
    ))()
    .then(
      (report) => lines.push({ result: render(report) }),
      (error: unknown) => {
        more.onFailure(error);
        lines.push({ problem: problemOf(error, more.traceId) });
      },
    )
    .finally(() => {
      isOver = true;
      wake();
    });
  for (;;) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) yield `${JSON.stringify(line)}\n`;
    if (isOver && lines.length === 0) return;
    await woken;
  }
}
