const count = new Intl.NumberFormat("en-GB");
const n = (value: number) => count.format(value);
const items = (value: number) => `${n(value)} ${value === 1 ? "item" : "items"}`;

/** English words about what waits for a decision. */
export const quarantine = {
  page: "Quarantine",
  lead: "Everything here is stored safely, byte for byte, and counted. It waits for you to say what it is.",
  empty: "Nothing waits for a decision.",
  emptyDetail: "What cannot be read, or is older than its connector takes, comes here with its reason.",
  notAllowed: "You may not see the quarantine",
  notAllowedDetail: (role: string) => `Your role (${role}) does not include it.`,
  readOnly: (role: string) => `You can look; your role (${role}) does not decide.`,
  reasons: "By reason",
  reasonColumns: { reason: "Reason", meaning: "Meaning", state: "State", items: "Items", actions: "For all of them" },
  all: "Every reason",
  items: "Items",
  itemsOf: (reason: string) => `Items with the reason ${reason}`,
  shown: (shown: number, of: number) => `${n(shown)} of ${items(of)}`,
  more: "Show more",
  columns: {
    received: "Received",
    connector: "Connector",
    from: "Delivered by",
    size: "Size",
    reason: "Reason",
    actions: "Actions",
  },
  importConnector: "Import",
  open: "Open",
  openOf: (id: string) => `Open the message of ${id}`,
  download: "Download",
  downloadOf: (id: string) => `Download the bytes of ${id}`,
  verbs: { retry: "Retry", accept: "Archive as standard", discard: "Discard…" },
  verbOf: (verb: string, id: string) => `${verb.replace("…", "")} ${id}`,
  allVerbs: { retry: "Retry all", accept: "Archive all as standard", discard: "Discard all…" },
  allVerbOf: (verb: string, reason: string) => `${verb.replace("…", "")} with the reason ${reason}`,
  effects: {
    retry: "Each is read again, as its connector reads mail now. What still cannot be read comes back here.",
    accept:
      "Each is archived as the message it is: a report that cannot be read stays whole and is searchable as mail.",
    discard: "Each is archived as it is, marked as discarded, and waits here no longer. Nothing is deleted.",
  },
  ask: {
    retry: (many: number) => `Retry ${items(many)}?`,
    accept: (many: number) => `Archive ${items(many)} as standard mail?`,
    discard: (many: number) => `Discard ${items(many)}?`,
  },
  why: "Reason",
  whyHint: "It is put on record beside the mail and in the audit log.",
  whyMissing: "Discarding needs a reason.",
  confirm: { retry: "Retry", accept: "Archive as standard", discard: "Discard" },
  working: (done: number, total: number) => `${n(done)} of ${items(total)} done…`,
  began: "Under way…",
  done: ({ decided, archived, duplicate, quarantined, held }: Result) => {
    const parts = [
      ...(archived > 0 ? [`${n(archived)} archived`] : []),
      ...(duplicate > 0 ? [`${n(duplicate)} archived before`] : []),
      ...(quarantined > 0 ? [`${n(quarantined)} still in quarantine`] : []),
      ...(held > 0 ? [`${n(held)} still held`] : []),
    ];
    return decided === 0 ? "Somebody else had decided already." : `${items(decided)} decided: ${parts.join(", ")}.`;
  },
};

interface Result {
  decided: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
}
