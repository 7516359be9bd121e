import type { CommandSpec } from "./command-spec.ts";
import { exitCodes } from "./exit-codes.ts";

const undecidedArgument = { name: "[ids...]", text: "receipts rcp_… or messages msg_… that wait for a decision" };
const reasonOption = { flags: "--reason <code>", text: "everything that waits for this reason" };

const { refused, notFound, noArchive, locked, wrongKey, later, interrupted } = exitCodes;
const usual = [refused, noArchive, locked, wrongKey, later, interrupted];

/** The commands about mail that waits for a decision. */
export const quarantineCommands: readonly CommandSpec[] = [
  {
    name: "quarantine list",
    args: [],
    summary: "List what is quarantined or held and waits for a decision",
    options: [{ flags: "--reason <code>", text: "only what waits for this reason" }],
    examples: ["muniment quarantine list", "muniment quarantine list --reason inner_missing --json"],
    exits: usual,
    load: async () => (await import("./verbs/quarantine.ts")).listQuarantine,
  },
  {
    name: "quarantine retry",
    args: [undecidedArgument],
    summary: "Read items again, as their connector reads mail now",
    options: [reasonOption],
    examples: ["muniment quarantine retry rcp_ID", "muniment quarantine retry --reason reader_fault"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/quarantine.ts")).retryQuarantine,
  },
  {
    name: "quarantine accept",
    args: [undecidedArgument],
    summary: "Archive items as the messages they are, and take in what is held",
    options: [reasonOption, { flags: "--why <text>", text: "put on record" }],
    examples: ["muniment quarantine accept rcp_ID", "muniment quarantine accept --reason too_old"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/quarantine.ts")).acceptQuarantine,
  },
  {
    name: "quarantine discard",
    args: [undecidedArgument],
    summary: "Take items out of sight, with a reason that is put on record; their bytes stay",
    options: [reasonOption, { flags: "--why <text>", text: "put on record", isRequired: true }],
    examples: ["muniment quarantine discard rcp_ID --why test"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/quarantine.ts")).discardQuarantine,
  },
];
