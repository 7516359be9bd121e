import type { Instant } from "#core/index.ts";
import type { TranscriptLine } from "#pop3/index.ts";

/** How long to leave a mailbox alone after a problem, and whether a person has to help. */
export type ProblemClass =
  /** Likely to pass: nobody answers, the mailbox is busy, the connection broke. */
  | "passing"
  /** The server refuses the login. Trying on could lock the account. */
  | "login"
  /** Settings, certificates, rights: nothing changes before somebody changes it. */
  | "lasting"
  /** Our own trouble: no room, or the archive does not keep up. */
  | "ours"
  /** The run was stopped from outside: by the end of the server, or for a test. */
  | "called-off";

/** What one drain of a mailbox did, as it is kept: no secret, and no octet of any message. */
export interface RunFacts {
  begunAt: Instant;
  endedAt: Instant;
  /** How many runs in a row without anything to do this one stands for. */
  runs: number;
  seen: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  failed: number;
  deleted: number;
  /** Messages that went away without having been taken, came back after their deletion, or came under new ids. */
  vanished: number;
  reappeared: number;
  renamed: number;
  /** Messages in the mailbox when the last session ended; null when none could be held. */
  left: number | null;
  leftAt: Instant | null;
  sessions: number;
  /** The first messages that could not be taken. */
  failures: { uidl: string | null; attempts: number; reason: string; retryAt: Instant }[];
  /** `words` is fit for an operator; `code` is that of docs/failures.md. */
  problem: { code: string; class: ProblemClass; words: string } | null;
  transcript: TranscriptLine[];
}

/** Whether a run found nothing to do and nothing to tell. */
export function isIdle(run: RunFacts): boolean {
  return run.problem === null && run.seen === 0 && run.deleted === 0 && run.failed === 0;
}

/** Two runs, one after the other, told as one: what became of mail adds up, how it stands is what the later one says. */
export function together(first: RunFacts, later: RunFacts): RunFacts {
  const sum = {
    ...later,
    begunAt: first.begunAt,
    left: later.left ?? first.left,
    leftAt: later.leftAt ?? first.leftAt,
  };
  for (const count of [
    "archived",
    "duplicate",
    "quarantined",
    "held",
    "deleted",
    "vanished",
    "renamed",
    "sessions",
  ] as const)
    sum[count] = first[count] + later[count];
  // What the first left is seen again by the later one.
  sum.seen = later.seen + Math.max(0, first.seen - (first.left ?? first.seen));
  return sum;
}
