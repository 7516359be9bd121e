import type { CommandSpec } from "./command-spec.ts";
import { exitCodes } from "./exit-codes.ts";

const { refused, noArchive, locked, wrongKey, later, interrupted } = exitCodes;
const usual = [refused, noArchive, locked, wrongKey, later, interrupted];

/** The commands about a tenant's own domains. */
export const domainCommands: readonly CommandSpec[] = [
  {
    name: "domains list",
    args: [],
    summary: "List the domains that are the tenant's own",
    options: [],
    examples: ["muniment domains list"],
    exits: usual,
    load: async () => (await import("./verbs/domains.ts")).listDomains,
  },
  {
    name: "domains set",
    args: [{ name: "[domains...]", text: "such as example.com, or *.example.com for all under it; none for none" }],
    summary: "Set the tenant's own domains, and judge the direction of all mail by them",
    options: [],
    examples: ["muniment domains set example.com example.org", "muniment domains set"],
    exits: usual,
    load: async () => (await import("./verbs/domains.ts")).setDomains,
  },
];
