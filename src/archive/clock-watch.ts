import type { Clock, Instant } from "#core/index.ts";
import { clockToleranceMs } from "./age.ts";

/**
 * Why our own clock is in doubt: it shows a time before this program was made, it is behind what was archived already, or it
 * jumped while we ran.
 */
export type ClockDoubt = "before_release" | "behind_archive" | "jumped";

/** Doubts our own clock, so that the age rule is suspended rather than mail held for a time that may be wrong. */
export interface ClockWatch {
  /**
   * Why the clock is in doubt now, or null. To be asked often: a jump is seen between two questions.
   *
   * @param newest the time of the newest thing in the archive; null when there is none
   */
  doubt(newest: Instant | null): ClockDoubt | null;
}

/** No honest clock shows less: nothing of this program was released before. */
const releasedAt = Date.UTC(2026, 0, 1);
/**
 * How long a jump leaves the clock in doubt, in milliseconds: a day, in which whoever watches over the machine's time has set
 * it right. After a jump forward nothing else could tell the new time from a wrong one.
 */
export const jumpDoubtMs = 24 * 60 * 60 * 1000;

/** A watch that begins now. A machine that slept has jumped as well, as far as we can see. */
export function createClockWatch(clock: Pick<Clock, "now" | "elapsedMs">): ClockWatch {
  let aheadMs = clock.now() - clock.elapsedMs();
  let jumpedAtMs: number | null = null;
  return {
    doubt(newest) {
      const [now, elapsedMs] = [clock.now(), clock.elapsedMs()];
      if (Math.abs(now - elapsedMs - aheadMs) > clockToleranceMs) jumpedAtMs = elapsedMs;
      aheadMs = now - elapsedMs;
      if (now < releasedAt) return "before_release";
      if (newest !== null && newest - now > clockToleranceMs) return "behind_archive";
      return jumpedAtMs !== null && elapsedMs - jumpedAtMs < jumpDoubtMs ? "jumped" : null;
    },
  };
}
