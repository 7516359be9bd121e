import type { Clock } from "#core/index.ts";

/**
 * Runs `work` and gives it `timeoutMs` milliseconds: then its signal aborts, and `late` is thrown if it ends by that.
 * The signal also aborts when `outer` does.
 */
export async function withDeadline<Result>(
  clock: Pick<Clock, "sleep">,
  timeoutMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
  late: () => Error,
): Promise<Result> {
  const limit = new AbortController();
  const finished = new AbortController();
  const stop = () => limit.abort();
  outer.addEventListener("abort", stop);
  if (outer.aborted) stop();
  let isLate = false;
  void clock.sleep(timeoutMs, finished.signal).then(() => {
    if (finished.signal.aborted) return;
    isLate = true;
    limit.abort();
  });
  try {
    return await work(limit.signal);
  } catch (error) {
    throw isLate ? late() : error;
  } finally {
    finished.abort();
    outer.removeEventListener("abort", stop);
  }
}
