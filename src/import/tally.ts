import { Failure } from "#core/index.ts";
import type { MboxVariant } from "./found.ts";

/** What the API says of an import run, or of one source in it. */
export interface RunCounts {
  accepted: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
}

/** What the reading side counts of a source, in messages; `ignored` in files that are no mail. */
interface Counts {
  accepted: number;
  /** Messages whose source was imported before. */
  known: number;
  unreadable: number;
  ignored: number;
  /** As what an mbox was read, `mixed` for several that were read differently; null for what is none. */
  variant: MboxVariant | "mixed" | null;
}

/** What became of an import, or of one source of it. `found` is the sum of the others but `ignored` and `known`. */
export interface Outcome {
  found: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  unreadable: number;
  ignored: number;
  /** How many of the duplicates came from the same place before. */
  known: number;
}

/** One file with many messages in it, or a folder with single ones. */
export interface SourceOutcome extends Outcome {
  source: string;
  variant: Counts["variant"];
}

/** Sources that are reported on each for itself; what comes after them is counted together. */
const sourcesMax = 10_000;
/** What further sources are counted under. */
const otherSources = "(further sources)";
/** Octets of UTF-8 that a text may have in the address of a request: it may grow threefold there, and there are four of them. */
const textBytesMax = 1_000;

/** Counts what the reading side of an import does, by source. */
export class ImportTally {
  readonly total = nothing();
  readonly #sources = new Map<string, Counts>();

  /** What a source is called in reports and in the archive: cut, and the same for all once there are very many. */
  nameOf(source: string): string {
    const name = fitted(source);
    return this.#sources.has(name) || this.#sources.size < sourcesMax ? name : otherSources;
  }

  add(source: string, what: "accepted" | "known" | "unreadable" | "ignored"): void {
    this.total[what] += 1;
    this.#countsOf(source)[what] += 1;
  }

  readAs(source: string, variant: MboxVariant): void {
    const counts = this.#countsOf(source);
    counts.variant = counts.variant === null || counts.variant === variant ? variant : "mixed";
  }

  /** Messages that were offered or could not be. */
  done(): number {
    return this.total.accepted + this.total.known + this.total.unreadable;
  }

  /** Everything together as far as it is; what is still being archived is in `found` and in none of its parts. */
  soFar(run: RunCounts): Outcome {
    return outcomeOf(this.total, run);
  }

  /** Everything together; throws `IMPORT-UNBALANCED` when the archive does not account for every message. */
  outcome(run: RunCounts): Outcome {
    const outcome = outcomeOf(this.total, run);
    const { found, archived, duplicate, quarantined, held, unreadable } = outcome;
    const missing = found - (archived + duplicate + quarantined + held + unreadable);
    if (missing === 0) return outcome;
    throw new Failure(
      "IMPORT-UNBALANCED",
      "later",
      `the archive does not account for ${missing} messages of this import`,
      { effect: "the messages are still in their files" },
    );
  }

  /** Source by source, in the order in which they were met. */
  bySource(runs: readonly ({ source: string } & RunCounts)[]): SourceOutcome[] {
    const bySource = new Map(runs.map((run) => [run.source, run]));
    return [...this.#sources].map(([source, counts]) => ({
      source,
      ...outcomeOf(counts, bySource.get(source) ?? null),
      variant: counts.variant,
    }));
  }

  #countsOf(source: string): Counts {
    const name = this.nameOf(source);
    const counts = this.#sources.get(name) ?? nothing();
    this.#sources.set(name, counts);
    return counts;
  }
}

/** The end of a text, which says more of a place than its beginning, as far as it fits into the address of a request. */
export function fitted(text: string): string {
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= textBytesMax) return whole;
  const end = Buffer.from(whole)
    .subarray(-(textBytesMax - 3))
    .toString();
  return `…${end.replace(/^\ufffd+/, "")}`;
}

function nothing(): Counts {
  return { accepted: 0, known: 0, unreadable: 0, ignored: 0, variant: null };
}

function outcomeOf({ accepted, known, unreadable, ignored }: Counts, run: RunCounts | null): Outcome {
  const { archived = 0, duplicate = 0, quarantined = 0, held = 0 } = run ?? {};
  return {
    found: accepted + known + unreadable,
    ...{ archived, duplicate: duplicate + known, quarantined, held, unreadable, ignored, known },
  };
}
