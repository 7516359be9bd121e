import type { Destination, Instant } from "#core/index.ts";

/** What was said from one MAIL to the end of its body. */
export interface Transaction {
  mailFrom: string;
  rcptTo: string[];
  destination: Destination | null;
  begunAt: Instant;
  utf8: boolean;
  binary: boolean;
  /** The most hopeful reply that turned a recipient away. */
  refusal: string | null;
  hasChunks: boolean;
  /** Octets of the message so far. */
  bytes: number;
  /** Whether the spool holds an unfinished item of it. */
  isOpen: boolean;
  /** The reply its body will get instead of 250. */
  trouble: string | null;
}

/** The BDAT chunk being read; `reply` is set when it is read only to be thrown away. */
export interface Chunk {
  left: number;
  /** Octets read. */
  bytes: number;
  isLast: boolean;
  reply: string | null;
}

/** Of two refusals the one that leaves hope: what was put off once may be taken later. */
export function moreHopeful(known: string | null, latest: string | null): string | null {
  if (known === null || latest === null) return known ?? latest;
  return known.startsWith("4") ? known : latest;
}
