import type { ClockDoubt } from "#archive/index.ts";
import type { ReceiptEvidence } from "#catalogue/index.ts";
import type { Instant } from "#core/index.ts";
import type { Fidelity } from "./recipes/recipe.ts";

/** How much of the envelope a source really tells, by the newest mail it brought. */
export interface FidelityView {
  /** Null while nothing has come that tells. */
  grade: Fidelity | null;
  sentence: string;
  /** How many receipts it was judged by. */
  receipts: number;
}

/** A system whose clock is wrong, by the newest mail that came from it. */
export interface SourceClock {
  /** What it calls itself, else its address. */
  source: string;
  /** Minutes by which it is ahead; below zero it is behind, by that or more. */
  offsetMinutes: number;
  /** When the mail was received that says so. */
  at: Instant;
}

/** Whether mail is held for its age just now. */
export interface AgeRuleView {
  state: "off" | "in_force" | "suspended";
  sentence: string;
}

/** Receipts of one connector that are looked at: a few hours of a busy one, and quickly read for each that is shown. */
export const evidenceReceiptsMax = 200;

/**
 * A where every receipt has the whole envelope: a report states it, or each copy was made for a recipient of the hop. C where
 * none has any, B between. Mail that is no report on a connector of reports tells nothing of the source.
 *
 * @param evidence newest first
 */
export function fidelityOf(evidence: readonly ReceiptEvidence[]): FidelityView {
  const telling = evidence.filter(
    ({ state, flags }) => state !== "quarantined" && !flags.some((flag) => untelling.has(flag)),
  );
  const count = telling.length;
  const whole = telling.filter(({ envelope }) => envelope === "report" || envelope === "hop").length;
  const none = telling.filter(({ envelope }) => envelope === null).length;
  if (count === 0) return { grade: null, sentence: "Nothing has arrived yet that tells of an envelope.", receipts: 0 };
  const mails = count === 1 ? "The last mail" : `The last ${count} mails`;
  if (whole === count) {
    const sentence = `${mails} came with the whole envelope: Bcc recipients and members of lists are known.`;
    return { grade: "A", sentence, receipts: count };
  }
  if (none === count) {
    const sentence = `${mails} came without an envelope: only the header is known, and Bcc recipients and members of lists are not.`;
    return { grade: "C", sentence, receipts: count };
  }
  const sentence = `Of the last ${count === 1 ? "mail" : `${count} mails`} ${whole} came with the whole envelope, ${count - whole - none} with some of it, ${none} without: Bcc recipients and members of lists may be missing.`;
  return { grade: "B", sentence, receipts: count };
}

const untelling: ReadonlySet<string> = new Set(["not_journal_report", "discarded"]);

/**
 * The systems whose newest mail says that their clock is wrong, in the order of that mail.
 *
 * @param evidence newest first
 */
export function sourceClocksOf(evidence: readonly ReceiptEvidence[]): SourceClock[] {
  const seen = new Set<string>();
  const clocks: SourceClock[] = [];
  for (const { flags, peer, helo, receivedAt } of evidence) {
    const source = helo ?? peer?.replace(/:\d+$/, "") ?? "";
    // While our own clock is in doubt nothing is said of others.
    if (source === "" || seen.has(source) || flags.includes("age_unjudged")) continue;
    seen.add(source);
    const found = flags
      .map((flag) => /^source_clock_(ahead|behind)_(\d+)m$/.exec(flag))
      .find((match) => match !== null);
    if (found == null) continue;
    clocks.push({ source, offsetMinutes: found[1] === "ahead" ? Number(found[2]) : -Number(found[2]), at: receivedAt });
  }
  return clocks;
}

const doubts: Record<ClockDoubt, string> = {
  before_release: "it shows a time before this program was made",
  behind_archive: "it is behind mail that was archived already",
  jumped: "it jumped within the last day",
};

/** What the age rule does to mail that comes now. */
export function ageRuleOf(maxAgeDays: number | null, doubt: ClockDoubt | null): AgeRuleView {
  if (maxAgeDays === null) return { state: "off", sentence: "No mail is held for its age." };
  if (doubt === null) {
    return { state: "in_force", sentence: `Mail that arrived at its source more than ${maxAgeDays} days ago is held.` };
  }
  const sentence = `Suspended: our own clock is in doubt, for ${doubts[doubt]}. Mail is archived, flagged age_unjudged, and none is held for its age. Set the clock of this machine right.`;
  return { state: "suspended", sentence };
}
