import type { MailboxState } from "#collector/index.ts";
import type { Instant } from "#core/index.ts";
import type { ServiceStatus } from "./connectors.ts";

/** Runs in a row that may fail before a passing trouble is an error: fewer would flap. */
const failuresUntilError = 3;
/** Silence of a mailbox's worker in milliseconds after which nobody knows how it is doing. */
export const silentMs = 60_000;
/** Age in seconds above which something that waits here is late. */
export const lateSeconds = 15 * 60;
/** Runs in a row in which the mailbox grew, after which mail is late. */
const growthsUntilDelayed = 3;
/** Time without mail in milliseconds after which a mailbox that had some is quiet: longer than any weekend. */
export const quietMs = 4 * 86_400_000;

/** What the status of a mailbox is judged by. */
export interface MailboxFacts {
  /** Null while the collector does not know the connector yet. */
  state: MailboxState | null;
  quarantined: number;
  oldestAgeSeconds: number;
  lastReceivedAt: Instant | null;
  now: Instant;
}

/** The status of an enabled connector with a mailbox, worst first, in the words of the console and in plain ones. */
export function mailboxStatus(facts: MailboxFacts): { status: ServiceStatus; reason: string } {
  const { state, quarantined, oldestAgeSeconds, lastReceivedAt, now } = facts;
  if (state === null) return { status: "unknown", reason: "Its worker has not begun yet." };
  if (now - state.beatAt > silentMs)
    return { status: "unknown", reason: "Its worker is silent; nobody knows how the mailbox is." };
  const { problem, failures } = state;
  if (problem !== null) {
    const isError = failures >= failuresUntilError || problem.class === "login" || problem.class === "lasting";
    const reason = sentence(problem.words);
    if (isError) return { status: "error", reason };
    return { status: "running_retrying", reason: `Try ${failures} of ${failuresUntilError} failed. ${reason}` };
  }
  if (state.succeededAt === null)
    return { status: "awaiting_initial_run", reason: "No session with the mailbox has been completed yet." };
  if (quarantined > 0) {
    const what = quarantined === 1 ? "1 item is" : `${quarantined} items are`;
    return { status: "running_quarantine", reason: `Mail is taken. ${what} in quarantine: kept, but not read.` };
  }
  if (oldestAgeSeconds > lateSeconds)
    return {
      status: "running_delayed",
      reason: "Mail is taken, and waits here for more than 15 minutes to be archived.",
    };
  if (state.queueGrew >= growthsUntilDelayed)
    return { status: "running_delayed", reason: "The mailbox grows faster than it is emptied." };
  if (state.stuck > 0) {
    const what = state.stuck === 1 ? "1 message" : `${state.stuck} messages`;
    return {
      status: "running_delayed",
      reason: `${what} could not be taken and stay in the mailbox; the others go on.`,
    };
  }
  if (lastReceivedAt !== null && now - lastReceivedAt > quietMs)
    return { status: "running_quiet", reason: "The mailbox is emptied, and no mail has come for four days." };
  return { status: "running", reason: "Mail is taken and archived." };
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
