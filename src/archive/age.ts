import type { Instant } from "#core/index.ts";
import type { MailReading } from "#mail/index.ts";

const dayMs = 24 * 60 * 60 * 1000;
const minuteMs = 60 * 1000;

/**
 * How far two clocks may be apart, in milliseconds, before one of them is called wrong: servers that keep time are within
 * seconds, and zones that were set wrong are half an hour and more apart.
 */
export const clockToleranceMs = 15 * minuteMs;

/** What the age rule says of one report. */
export interface AgeVerdict {
  isTooOld: boolean;
  /** `source_clock_ahead_…m` or `source_clock_behind_…m` with the offset in minutes, `age_unjudged`; else none. */
  flags: string[];
}

/** What the age rule is asked about. */
export interface AgeQuestion {
  /** The header of the report. */
  report: MailReading["headers"];
  /** The Date of the message in it; null when absent or unreadable. */
  innerDate: Instant | null;
  /** When it came here, by our clock. */
  receivedAt: Instant;
  /** Null when the rule is off. */
  maxAgeDays: number | null;
  /** Whether our own clock is in doubt: then nothing is held, and no other clock is called wrong. */
  isClockUnsure: boolean;
}

/**
 * Judges a report by its own arrival: the topmost Received field, else Date. Unknown is not old.
 *
 * A report is never older than the message in it. Where it says so, its clock is behind by at least the difference, and
 * the message's date is what its age is judged by, unless that lies in the future, which anybody can write.
 */
export function judgeAge({ report, innerDate, receivedAt, maxAgeDays, isClockUnsure }: AgeQuestion): AgeVerdict {
  if (isClockUnsure) return { isTooOld: false, flags: maxAgeDays === null ? [] : ["age_unjudged"] };
  const saidAt = report.receivedAt ?? report.date;
  if (saidAt === null) return { isTooOld: false, flags: [] };
  const aheadMs = saidAt - receivedAt;
  if (aheadMs > clockToleranceMs) return { isTooOld: false, flags: [`source_clock_ahead_${minutes(aheadMs)}m`] };
  const isInnerPossible = innerDate !== null && innerDate - receivedAt <= clockToleranceMs;
  const behindMs = isInnerPossible ? innerDate - saidAt : 0;
  const isBehind = behindMs > clockToleranceMs;
  const arrivedAt = isBehind ? saidAt + behindMs : saidAt;
  return {
    isTooOld: maxAgeDays !== null && receivedAt - arrivedAt > maxAgeDays * dayMs,
    flags: isBehind ? [`source_clock_behind_${minutes(behindMs)}m`] : [],
  };
}

const minutes = (ms: number): number => Math.round(ms / minuteMs);
