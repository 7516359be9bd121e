/** Every reason for which mail is quarantined or held, in words; docs/glossary.md has the same. */
const meanings: Readonly<Record<string, string>> = {
  envelope_unreadable: "A journal report whose envelope cannot be read.",
  inner_missing: "A journal report without the message it should wrap.",
  reader_fault: "Our reader failed on it; the bytes are kept whole.",
  unreadable_crash: "It ended a worker more than once and was archived unread.",
  storing_fault: "Storing it failed again and again while other mail was stored; it was archived unread.",
  too_old: "The report arrived longer ago than the connector's limit.",
};

/** A reason in words. */
export function reasonMeaning(reason: string): string {
  return meanings[reason] ?? "Kept whole and not read.";
}
