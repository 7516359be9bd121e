import type { Instant } from "#core/index.ts";
import type { RunFacts } from "./run-facts.ts";

/** How a mailbox is doing, from what its runs told. */
export interface MailboxState {
  /** What is being done with it now. */
  activity: "idle" | "draining" | "testing";
  /** Runs in a row that ended with a problem, the problem of the last one, and since when. */
  failures: number;
  problem: RunFacts["problem"];
  failingSince: Instant | null;
  /** When a run last ended without a problem; null when none ever did. */
  succeededAt: Instant | null;
  /** Messages left in the mailbox when the last session ended that could tell, and when that was. */
  queue: number | null;
  queueAt: Instant | null;
  /** Runs in a row in which the queue grew. */
  queueGrew: number;
  /** Messages that could not be taken so far. */
  stuck: number;
  /** When the next run begins; null while one is under way, and when none will. */
  nextRunAt: Instant | null;
  /** When the worker of this mailbox last showed that it lives. */
  beatAt: Instant;
}

/** The state of a mailbox that was never looked into. */
export function freshState(now: Instant): MailboxState {
  return {
    activity: "idle",
    ...{ failures: 0, problem: null, failingSince: null, succeededAt: null },
    ...{ queue: null, queueAt: null, queueGrew: 0, stuck: 0, nextRunAt: null },
    beatAt: now,
  };
}

/** The state after a run. A run that was only called off tells of the queue and of nothing else. */
export function afterRun(state: MailboxState, run: RunFacts): MailboxState {
  const queue = run.left ?? state.queue;
  const hasGrown = run.left !== null && state.queue !== null && run.left > state.queue;
  const isLower = run.left !== null && (state.queue === null || run.left <= state.queue);
  const seen = {
    ...state,
    queue,
    queueAt: run.leftAt ?? state.queueAt,
    queueGrew: hasGrown ? state.queueGrew + 1 : isLower ? 0 : state.queueGrew,
    stuck: run.left === null ? state.stuck : run.failed,
  };
  if (run.problem === null) {
    return { ...seen, failures: 0, problem: null, failingSince: null, succeededAt: run.endedAt };
  }
  if (run.problem.class === "called-off") return seen;
  return {
    ...seen,
    failures: state.failures + 1,
    problem: run.problem,
    failingSince: state.failingSince ?? run.endedAt,
  };
}
