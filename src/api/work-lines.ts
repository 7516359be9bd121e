import type { Progress } from "#archive/index.ts";
import { Failure } from "#core/index.ts";
import { problemOf } from "./problem.ts";

/**
 * Runs `work` and yields its progress as JSON lines, then one line with its result or its problem.
 *
 * A slow reader misses steps, never the last line. The work cannot be called off: when `signal` aborts, the lines end and
 * the work goes on unseen.
 */
export async function* workLines(
  work: (report: (progress: Progress) => void) => Promise<unknown>,
  more: { signal: AbortSignal; traceId: string; onFailure(error: unknown): void },
): AsyncGenerator<string> {
  const { signal, traceId, onFailure } = more;
  let latest: Progress | null = null;
  let last: object | null = null;
  let wake = () => {};
  const notice = () => wake();
  signal.addEventListener("abort", notice);
  const onProgress = (progress: Progress) => {
    latest = progress;
    wake();
  };
  // In a function of its own, so that what throws at once is told like what rejects later.
  (async () => work(onProgress))()
    .then(
      (result) => {
        last = { result };
      },
      (error: unknown) => {
        onFailure(error);
        last = { problem: problemOf(error, traceId) };
      },
    )
    .then(notice);
  try {
    while (true) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const progress = take();
      if (progress !== null) yield line({ progress });
      if (last !== null) return yield line(last);
      if (signal.aborted) return yield line({ problem: problemOf(stopping(), traceId) });
      if (latest === null) await woken;
    }
  } finally {
    signal.removeEventListener("abort", notice);
  }

  function take(): Progress | null {
    const taken = latest;
    latest = null;
    return taken;
  }
}

function line(value: object): string {
  return JSON.stringify(value) + "\n";
}

function stopping(): Failure {
  return new Failure("SERVER-STOPPING", "later", "the server stops", {
    publicText: "the server stops before this was done; start it again later",
  });
}
