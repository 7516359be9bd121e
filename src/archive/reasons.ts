/** What a reason for quarantine or hold means, in the words that are shown, and what can be done. */
export interface QuarantineReason {
  words: string;
  /** What it means for this mail and what helps. */
  meaning: string;
}

/** What can be done with every item: nothing is ever lost by any of it. */
export const quarantineActions = ["retry", "accept", "discard"] as const;

/** Asked of an item that waits for a decision. */
export type QuarantineAction = (typeof quarantineActions)[number];

/** Every reason, by its code; docs/glossary.md has the same list. */
const quarantineReasons: Readonly<Record<string, QuarantineReason>> = {
  envelope_unreadable: {
    words: "Journal report whose envelope cannot be read",
    meaning:
      "Who received the mail besides its header recipients is not known. Retry once the reader has learned this form, or accept it as ordinary mail.",
  },
  inner_missing: {
    words: "Journal report without the message it should wrap",
    meaning: "The sending server left the message out or cut it off. Have it sent again, or accept the report as mail.",
  },
  reader_fault: {
    words: "Our reader failed on it",
    meaning: "A fault of ours, not of the mail. Retry after an update; until then it is not searchable by its text.",
  },
  unreadable_crash: {
    words: "Reading it ended a worker more than once",
    meaning: "A fault of ours, not of the mail. Retry after an update; until then it is not searchable by its text.",
  },
  storing_fault: {
    words: "Storing it failed again and again until it was left unread",
    meaning: "A fault of ours, not of the mail. Retry after an update; until then it is not searchable by its text.",
  },
  too_old: {
    words: "Arrived longer ago than the connector's limit",
    meaning:
      "It is read and searchable, and not counted as journal flow. Accept takes it in; retry applies the connector's limit as it is now.",
  },
};

/** The reason of this code; a code of a newer program is told by itself. */
export function quarantineReason(code: string): QuarantineReason {
  return quarantineReasons[code] ?? { words: code.replaceAll("_", " "), meaning: "The bytes are kept whole." };
}
