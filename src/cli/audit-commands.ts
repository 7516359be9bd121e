import type { CommandSpec } from "./command-spec.ts";
import { exitCodes } from "./exit-codes.ts";

const { refused, noArchive, locked, wrongKey, integrity, later, interrupted } = exitCodes;
const usual = [refused, noArchive, locked, wrongKey, later, interrupted];

/** The commands about the record of who did what. */
export const auditCommands: readonly CommandSpec[] = [
  {
    name: "audit list",
    args: [],
    summary: "List who did what, newest first",
    options: [
      { flags: "--who <name>", text: "only of this e-mail or token's label" },
      { flags: "--action <word>", text: "only this, such as message.open" },
      { flags: "--subject <id>", text: "only what was done to this id" },
      { flags: "--since <time>", text: "only from this day (UTC) or time on, such as 2026-01-31" },
      { flags: "--until <time>", text: "only before this day (UTC) or time" },
      { flags: "--limit <n>", text: "most entries (default 50)" },
    ],
    examples: [
      "muniment audit list --data ./data",
      "muniment audit list --action session.refused --since 2026-01-31",
      "muniment audit list --subject msg_ID --limit 1000 --json",
    ],
    exits: usual,
    load: async () => (await import("./verbs/audit.ts")).listAudit,
  },
  {
    name: "audit verify",
    args: [],
    summary: "Check that the audit log is as it was written",
    options: [
      {
        flags: "--head <number:hash>",
        text: "the newest entry as an earlier check printed it, which must still be there",
      },
    ],
    examples: ["muniment audit verify --data ./data", "muniment audit verify --head 812:HASH --json"],
    exits: [integrity, ...usual],
    load: async () => (await import("./verbs/audit.ts")).verifyAudit,
  },
];
