import { isLinked } from "./audit-chain.ts";
import type { AuditEntry } from "./entries.ts";

/** Where an audit log is not as it was written. */
export interface AuditBreak {
  /** The entry at which it shows. */
  seq: number;
  kind: "changed" | "missing";
  /** In words. */
  words: string;
}

/** Checks a log from its newest entry to its oldest, in pieces of any size. */
export interface AuditCheck {
  /** The next older entries. */
  take(entries: readonly AuditEntry[]): void;
  /** Says that there are no older ones, and what was found, the oldest first; up to a bound that no accident reaches. */
  end(): AuditBreak[];
}

/** Breaks that are listed: a log that was written anew by another hand has one at each entry. */
const breaksMax = 100;

/** Begins a check. */
export function checkAudit(): AuditCheck {
  const breaks: AuditBreak[] = [];
  let newer: AuditEntry | undefined;

  function compare(older: AuditEntry | undefined): void {
    if (newer === undefined || breaks.length >= breaksMax) return;
    const first = (older?.seq ?? 0) + 1;
    if (newer.seq > first) {
      const words =
        newer.seq - 1 === first ? `entry ${first} is missing` : `entries ${first} to ${newer.seq - 1} are missing`;
      breaks.push({ seq: newer.seq, kind: "missing", words });
    } else if (!isLinked(older, newer)) {
      const before = older === undefined ? "" : `, or entry ${older.seq} before it was`;
      breaks.push({
        seq: newer.seq,
        kind: "changed",
        words: `entry ${newer.seq} was changed after it was written${before}`,
      });
    }
  }

  return {
    take(entries) {
      for (const entry of entries) {
        compare(entry);
        newer = entry;
      }
    },
    end() {
      compare(undefined);
      return breaks.reverse();
    },
  };
}
