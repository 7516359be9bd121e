import {
  type Clock,
  type Destination,
  type Entropy,
  type Instant,
  type Log,
  MiB,
  messageBytesMax,
} from "#core/index.ts";
import type { Intake } from "#spool/index.ts";
import type { ArchivedMail, SettledState } from "./archived-mail.ts";
import { captureOf, type Ledger } from "./ledger.ts";
import type { Retention } from "./plan.ts";
import type { Pop3Problem } from "./problem.ts";
import type { Pop3Session } from "./session.ts";
import type { Capture, UidlMemory } from "./uidl-memory.ts";

/** What a drain may do at one time. */
export interface DrainLimits {
  /**
   * Messages, octets by LIST and milliseconds after which a session is ended, so that deletions are committed often. Of a
   * large mailbox a session may take a tenth, however much that is: each has to list the whole of it.
   */
  sessionMessagesMax: number;
  sessionBytesMax: number;
  sessionMs: number;
  /**
   * Captures that may wait for the archive before fetching waits too: what is not fetched yet is as safe in the mailbox, and
   * takes no room here.
   */
  waitingMax: number;
  /** Messages being made durable at one time; more would only wait in memory. */
  commitsMax: number;
  messageBytesMax: number;
  /** Octets by LIST that may be asked for ahead. */
  outstandingBytesMax: number;
  /** Milliseconds without a further archived message after which a run no longer waits: the next one deletes. */
  archiveWaitMs: number;
  /**
   * Milliseconds that a session stays open for the archive when there is nothing more to fetch: what it fetched itself it may
   * delete without a further look, while a later session has to ask for each header again. Never longer than `archiveWaitMs`.
   */
  lingerMs: number;
  /** Sessions in a row that brought nothing, after which the run ends; a message that breaks them is put aside after two. */
  fruitlessSessionsMax: number;
  /** Milliseconds for which a message that is gone is remembered by its content. */
  goneMs: number;
  /** Failures told one by one in the result. */
  failuresToldMax: number;
}

/** The limits of a drain; the three of a session are those of common collectors. */
export const drainLimits: Readonly<DrainLimits> = {
  sessionMessagesMax: 500,
  sessionBytesMax: 256 * MiB,
  sessionMs: 5 * 60_000,
  waitingMax: 4_096,
  commitsMax: 64,
  messageBytesMax,
  outstandingBytesMax: 8 * MiB,
  archiveWaitMs: 5 * 60_000,
  lingerMs: 10_000,
  fruitlessSessionsMax: 8,
  goneMs: 30 * 86_400_000,
  failuresToldMax: 100,
};

/** What a drain works with. */
export interface DrainParts {
  destination: Destination;
  /** Opens a session, logged in. */
  open(): Promise<Pop3Session>;
  intake: Pick<Intake, "state" | "open">;
  memory: UidlMemory;
  archive: ArchivedMail;
  retention: Retention;
  clock: Clock;
  entropy: Entropy;
  log: Log;
  limits?: Partial<DrainLimits>;
}

/** A message that could not be taken and stays in the mailbox. */
interface DrainFailure {
  /** The unique id, or null where the server gives none. */
  uidl: string | null;
  attempts: number;
  reason: string;
  retryAt: Instant;
}

/** Why a run ended before its work was done. */
type DrainProblem =
  | { kind: "server"; problem: Pop3Problem }
  /** The spool takes no more: `SPOOL-FULL`, `SPOOL-BROKEN`, or what else the code says. */
  | { kind: "spool"; code: string; message: string }
  /** Mail is to stay on a server that gives no unique ids: what was taken cannot be told from what was not. */
  | { kind: "keep-needs-ids" }
  /** The archive did not take in time what was spooled; it is deleted by the next run. */
  | { kind: "archive-slow"; waiting: number }
  | { kind: "stopped" };

/** What one run did. */
export interface DrainResult {
  /** Messages that were listed. */
  seen: number;
  /** What became of the captures of this run. `duplicate` counts messages too that were known again under another id. */
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  /** Messages in the mailbox that could not be taken so far, and the first of them. */
  failed: number;
  failures: DrainFailure[];
  /** Messages in the mailbox when the last session ended: STAT less what QUIT committed. Null when none could be held. */
  left: number | null;
  leftAt: Instant | null;
  /** Messages deleted by an answered QUIT. */
  deleted: number;
  /** Messages that went away without having been taken: somebody else empties this mailbox. */
  vanished: number;
  /** Messages that came back after QUIT had been answered: the server keeps what it was told to delete. */
  reappeared: number;
  /** Known messages under new ids: the mailbox was rebuilt. */
  renamed: number;
  uidls: "usable" | "missing" | "doubled" | "unknown";
  sessions: number;
  problem: DrainProblem | null;
}

/** A run at work, shared by its sessions: what they add up. */
export interface Run {
  readonly parts: DrainParts;
  readonly limits: Readonly<DrainLimits>;
  readonly ledger: Ledger;
  readonly result: DrainResult;
  readonly signal: AbortSignal;
  /** Number of its first session, see {@link RecordTable.beginSession}. */
  readonly firstSession: number;
  /** Most messages without an id that a session listed: so many are counted as seen. */
  nameless: number;
  /** Captures that the archive has not confirmed yet, by key. */
  readonly waiting: Map<string, Capture>;
  /** Receipts minted in this run that are not counted yet. */
  readonly minted: Set<string>;
  /** Messages taken in this run. */
  taken: number;
}

/** Captures asked about at once. */
const askedAtOnceMax = 1_000;

/**
 * Asks the archive about every capture that waits, counts and notes those it has, and gives their keys. While the archive
 * cannot be asked, none; a line in the log says so.
 */
export async function settleWaiting(run: Run): Promise<Set<string>> {
  const { waiting, parts, ledger, minted, result } = run;
  const asked = [...waiting];
  const settled = new Set<string>();
  try {
    for (let at = 0; at < asked.length; at += askedAtOnceMax) {
      const some = asked.slice(at, at + askedAtOnceMax);
      const states: ReadonlyMap<string, SettledState> = await parts.archive.settled(some.map(([, capture]) => capture));
      for (const [key, capture] of some) {
        const state = states.get(capture.receipt);
        if (state === undefined || waiting.get(key) !== capture) continue;
        waiting.delete(key);
        settled.add(key);
        if (minted.delete(capture.receipt)) result[state] += 1;
        const now = ledger.state(key);
        if (captureOf(now)?.receipt === capture.receipt && (now?.kind === "spooled" || now?.kind === "delete-pending"))
          ledger.advance(key, "archived");
      }
    }
  } catch (error) {
    parts.log("pop3.archive_silent", { ...parts.destination, message: String(error) });
  }
  return settled;
}
