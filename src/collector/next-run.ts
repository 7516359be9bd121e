import type { MailboxState } from "./mailbox-state.ts";
import type { RunFacts } from "./run-facts.ts";

/** Shortest time between two runs in milliseconds: a login costs the server more than it costs us. */
export const pauseMsMin = 2_000;
/** Until a new connector's mailbox is looked into for the first time, in milliseconds: its maker may want to test it first. */
export const firstPauseMs = 5_000;
/** After a rejected login, in milliseconds: four tries an hour lock no account. */
export const loginPauseMs = 15 * 60_000;
/** Longest time until a mailbox with a passing trouble is tried again, in milliseconds. */
export const troublePauseMsMax = 15 * 60_000;
/** Until what only a person can mend is looked at again, in milliseconds. */
export const lastingPauseMs = 5 * 60_000;
/** Share of a pause by which it is lengthened at random, so that mailboxes of one server are not asked in step. */
const jitterShare = 0.1;

/**
 * Milliseconds until the next run of a mailbox.
 *
 * A run that took mail is soon followed by another, since more may have come; an idle mailbox waits its interval. After a
 * passing trouble the pause is doubled each time; a rejected login and what a person has to mend wait long, and a mailbox
 * whose settings are changed does not wait at all, which is the caller's business.
 *
 * @param chance from 0 to 1
 */
export function nextPauseMs(
  last: Pick<RunFacts, "problem" | "seen" | "left" | "failed">,
  state: Pick<MailboxState, "failures">,
  intervalSeconds: number,
  chance: number,
): number {
  const pause = plainPauseMs(last, state.failures, intervalSeconds * 1_000);
  return Math.round(Math.max(pause, pauseMsMin) * (1 + jitterShare * chance));
}

function plainPauseMs(
  { problem, seen, left, failed }: Pick<RunFacts, "problem" | "seen" | "left" | "failed">,
  failures: number,
  intervalMs: number,
): number {
  if (problem === null) {
    const isMoreLikely = seen > 0 || (left !== null && left > failed);
    return isMoreLikely ? Math.min(intervalMs, Math.max(pauseMsMin, intervalMs / 4)) : intervalMs;
  }
  switch (problem.class) {
    case "called-off":
      return 0;
    case "login":
      return Math.max(loginPauseMs, intervalMs);
    case "lasting":
      return Math.max(lastingPauseMs, intervalMs);
    case "passing":
    case "ours":
      return Math.min(Math.min(intervalMs, 30_000) * 2 ** Math.min(failures - 1, 20), troublePauseMsMax);
  }
}
