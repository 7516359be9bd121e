import { DrainSession } from "./drain-session.ts";
import { captureOf, Ledger } from "./ledger.ts";
import { isDue } from "./plan.ts";
import { Pop3Failure, type Pop3Problem } from "./problem.ts";
import { type DrainParts, type DrainResult, drainLimits, type Run, settleWaiting } from "./run.ts";
import type { Pop3Session } from "./session.ts";

/**
 * Empties a mailbox into the spool, oldest first, and deletes what is archived.
 *
 * Sessions are short, so that deletions are committed often. Deleting waits for the archive: DELE is sent
 * only for a message whose capture the catalogue has, and whose content is still the captured one. Fetching goes ahead of it
 * by some thousand messages. What cannot be taken
 * is left, counted, remembered and tried again later, and the next one goes on. When `signal` aborts, what is under way is
 * finished and the session is ended in order. May be repeated, after any end: nothing is lost and nothing taken twice.
 *
 * Problems of server, spool and archive are told in the result.
 * @throws what the memory throws: then nothing was deleted of which it would not know
 */
export async function drainMailbox(parts: DrainParts, signal: AbortSignal): Promise<DrainResult> {
  const limits = { ...drainLimits, ...parts.limits };
  const { tenant, connector } = parts.destination;
  const ledger = await Ledger.open(parts.memory, tenant, connector, parts.clock);
  const result = emptyResult();
  const counts = { firstSession: ledger.records.session + 1, nameless: 0, taken: 0 };
  const run: Run = { parts, limits, ledger, result, signal, ...counts, waiting: new Map(), minted: new Set() };
  forgetGone(run);
  await holdSessions(run);
  await ledger.flush();
  countFailures(run);
  if (signal.aborted) result.problem ??= { kind: "stopped" };
  if (parts.retention.kind !== "delete" && result.uidls === "missing") result.problem ??= { kind: "keep-needs-ids" };
  return result;
}

function emptyResult(): DrainResult {
  const counts = { seen: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, failed: 0, deleted: 0, vanished: 0 };
  const unknown = { left: null, leftAt: null, uidls: "unknown", problem: null } as const;
  return { ...counts, failures: [], reappeared: 0, renamed: 0, sessions: 0, ...unknown };
}

/** Wait before the next session after the second that brought nothing, in milliseconds, doubled each time. */
const fruitlessWaitMs = 1_000;

async function holdSessions(run: Run): Promise<void> {
  let fruitless = 0;
  let work: "fetch-and-delete" | "delete" = "fetch-and-delete";
  while (!run.signal.aborted) {
    const before = progressOf(run);
    const end = await holdSession(run, work);
    fruitless = progressOf(run) > before ? 0 : fruitless + 1;
    if (end.kind === "failed") return;
    if (end.kind === "broken" && fruitless >= run.limits.fruitlessSessionsMax) {
      run.result.problem = { kind: "server", problem: end.problem };
      return;
    }
    if (end.kind === "ended" && (!end.isMore || fruitless > 0)) {
      // Without ids a message has to be fetched to be known again.
      if (!end.isMore && run.result.uidls === "usable") work = "delete";
      if (!(await isAnyRemovable(run))) return;
    }
    const waitMs = fruitless < 2 ? 0 : fruitlessWaitMs * 2 ** (fruitless - 2);
    const pauseMs = Math.max(end.loginDelayMs, waitMs);
    if (pauseMs > 0) await run.parts.clock.sleep(pauseMs, run.signal);
  }
}

/** Grows with everything that tells a session that worked from one that did not. */
function progressOf({ taken, result }: Run): number {
  return taken + result.deleted + result.renamed + result.vanished;
}

type SessionEnd =
  /** `isMore`: there is more to fetch than one session may. */
  | { kind: "ended"; isMore: boolean; loginDelayMs: number }
  /** Broken in the middle; another may do better. */
  | { kind: "broken"; problem: Pop3Problem; loginDelayMs: number }
  /** The run's problem was noted; another session would meet it too. */
  | { kind: "failed" };

async function holdSession(run: Run, work: "fetch-and-delete" | "delete"): Promise<SessionEnd> {
  const { parts, result } = run;
  let session: Pop3Session;
  try {
    session = await parts.open();
  } catch (error) {
    if (!(error instanceof Pop3Failure)) throw error;
    result.problem = { kind: "server", problem: error.problem };
    return { kind: "failed" };
  }
  result.sessions += 1;
  const loginDelayMs = session.capabilities.loginDelaySeconds * 1_000;
  try {
    const { isMore } = await new DrainSession(run, session).hold(work);
    return result.problem === null ? { kind: "ended", isMore, loginDelayMs } : { kind: "failed" };
  } catch (error) {
    if (!(error instanceof Pop3Failure)) throw error;
    parts.log("pop3.session_broken", { ...parts.destination, code: error.code, message: error.message });
    const isRefusal =
      error.problem.kind !== "lost" && error.problem.kind !== "timeout" && error.problem.kind !== "protocol";
    if (result.problem !== null) return { kind: "failed" };
    if (!isRefusal) return { kind: "broken", problem: error.problem, loginDelayMs };
    result.problem = { kind: "server", problem: error.problem };
    return { kind: "failed" };
  } finally {
    session.abort();
  }
}

/**
 * Waits, outside of any session, until the archive has taken what was spooled. True when something that may be deleted was
 * archived meanwhile.
 */
async function isAnyRemovable(run: Run): Promise<boolean> {
  const { waiting, limits, parts, signal, result, ledger } = run;
  let removable = 0;
  let deadlineMs = parts.clock.elapsedMs() + limits.archiveWaitMs;
  const ended = new AbortController();
  try {
    while (waiting.size > 0 && !signal.aborted) {
      const change = waitForChange(run, deadlineMs - parts.clock.elapsedMs(), ended.signal);
      const settled = await settleWaiting(run);
      if (settled.size > 0) deadlineMs = parts.clock.elapsedMs() + limits.archiveWaitMs;
      for (const key of settled) {
        const capture = captureOf(ledger.state(key));
        if (capture !== null && isDue(capture, parts.retention, parts.clock.now())) removable += 1;
      }
      if (waiting.size === 0 || parts.clock.elapsedMs() >= deadlineMs) break;
      await change;
    }
  } finally {
    ended.abort();
  }
  if (waiting.size > 0 && !signal.aborted) result.problem = { kind: "archive-slow", waiting: waiting.size };
  return removable > 0 && !signal.aborted;
}

async function waitForChange(run: Run, ms: number, ended: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const finish = () => stop.abort();
  for (const signal of [ended, run.signal]) signal.addEventListener("abort", finish, { signal: stop.signal });
  await Promise.race([run.parts.archive.changed(stop.signal), run.parts.clock.sleep(Math.max(0, ms), stop.signal)]);
  stop.abort();
}

function forgetGone({ ledger, parts, limits }: Run): void {
  for (const [key, kind] of ledger.records.kinds()) {
    if (kind !== "gone" && !(kind === "deleted" && key.startsWith("c:"))) continue;
    if (parts.clock.now() - ledger.records.get(key)!.changedAt > limits.goneMs) ledger.forget(key);
  }
}

function countFailures({ ledger, result, limits, firstSession }: Run): void {
  for (const [key, kind] of ledger.records.kinds()) {
    if (kind !== "failed" || (key.startsWith("u:") && ledger.records.listedIn(key) < firstSession)) continue;
    const state = ledger.state(key);
    if (state?.kind !== "failed") continue;
    result.failed += 1;
    if (result.failures.length >= limits.failuresToldMax) continue;
    const { attempts, reason, retryAt } = state;
    result.failures.push({ uidl: key.startsWith("u:") ? key.slice(2) : null, attempts, reason, retryAt });
  }
}
