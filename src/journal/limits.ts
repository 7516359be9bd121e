import { KiB, MiB } from "#core/index.ts";

/** Bytes of a report text that are read: some 500,000 recipient lines, far more than servers put into one report. */
export const reportBytesMax = 32 * MiB;
/** Lines that could not be understood and are quoted in the reasons; the rest is counted. */
export const quotedLinesMax = 20;
/** Characters quoted of one such line. */
export const quotedCharsMax = 200;
/** Bytes of a wrapped message's header that are looked at for a report's marker. */
export const innerHeaderBytesMax = 64 * KiB;
