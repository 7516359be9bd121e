import type { CommandSpec } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";

const { partly, refused, notFound, noArchive, locked, wrongKey, integrity, later, interrupted } = exitCodes;
const usual = [refused, noArchive, locked, wrongKey, later, interrupted] as const;

const receiptsArgument = { name: "[receipts...]", text: "receipts, rcp_…, as the list names them" };
const ofOption = { flags: "--of <code>", text: "instead: every item that waits for this reason, such as too_old" };
const noteOption = { flags: "--reason <text>", text: "why; kept with the decision" };

/** Commands on what was quarantined or held, and on the record of who decided. */
export const quarantineCommands: readonly CommandSpec[] = [
  {
    name: "quarantine list",
    args: [],
    summary: "List what could not be handled, and what was held as too old",
    options: [
      { flags: "--of <code>", text: "only this reason, such as envelope_unreadable" },
      { flags: "--connector <id>", text: "only of this connector, con_…" },
      { flags: "--discarded", text: "what was discarded, instead" },
      { flags: "--limit <n>", text: "most items (default 200)" },
    ],
    examples: ["muniment quarantine list --data ./data", "muniment quarantine list --of too_old --json"],
    exits: usual,
    load: async () => (await import("./verbs/quarantine.ts")).listQuarantine,
  },
  {
    name: "quarantine retry",
    args: [receiptsArgument],
    summary: "Read items again, as their connectors are set now",
    options: [ofOption, noteOption],
    examples: ["muniment quarantine retry rcp_ID", "muniment quarantine retry --of reader_fault --json"],
    exits: [partly, notFound, ...usual],
    load: async () => (await import("./verbs/quarantine.ts")).retry,
  },
  {
    name: "quarantine accept",
    args: [receiptsArgument],
    summary: "Take items in: held ones as they are, quarantined ones as ordinary mail",
    options: [ofOption, noteOption],
    examples: ["muniment quarantine accept rcp_ID", "muniment quarantine accept --of too_old --reason 'late copies'"],
    exits: [partly, notFound, ...usual],
    load: async () => (await import("./verbs/quarantine.ts")).accept,
  },
  {
    name: "quarantine discard",
    args: [receiptsArgument],
    summary: "Put items out of sight; their bytes are kept",
    options: [ofOption, { ...noteOption, isRequired: true }],
    examples: ["muniment quarantine discard rcp_ID --reason 'test mail of the installation'"],
    exits: [partly, notFound, ...usual],
    load: async () => (await import("./verbs/quarantine.ts")).discard,
  },
  {
    name: "quarantine raw",
    args: [{ name: "<receipt>", text: "the receipt, rcp_…" }],
    summary: "Write what arrived to standard output, the journal report included",
    options: [],
    examples: ["muniment quarantine raw rcp_ID > item.eml"],
    exits: [notFound, integrity, ...usual],
    load: async () => (await import("./verbs/quarantine.ts")).raw,
  },
  {
    name: "audit list",
    args: [],
    summary: "List who did what, newest first",
    options: [{ flags: "--limit <n>", text: "most entries (default 50)" }],
    examples: ["muniment audit list --data ./data", "muniment audit list --limit 1000 --json"],
    exits: usual,
    load: async () => (await import("./verbs/audit.ts")).listAudit,
  },
];
