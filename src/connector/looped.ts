import type { Instant } from "#core/index.ts";

/** For so long in milliseconds after the newest report that came back, a loop is told of: a day, since some turn slowly. */
const loopMs = 86_400_000;

/**
 * The reason of a status, with what is to be said when journal reports come back undelivered and are journaled again. The
 * mail is archived all the same, each item once, so it is no other status.
 */
export function loopedReason(
  reason: string,
  { looped, lastLoopedAt, now }: { looped: number; lastLoopedAt: Instant | null; now: Instant },
): string {
  if (looped === 0 || lastLoopedAt === null || now - lastLoopedAt > loopMs) return reason;
  const what = looped === 1 ? "1 journal report" : `${looped} journal reports`;
  return (
    `${reason} ${what} came back undelivered and were journaled again, each a layer deeper: ` +
    "have undeliverable reports sent to a mailbox that is not journaled, and find where reports are refused."
  );
}
