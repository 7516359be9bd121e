import type { CommandSpec } from "./command-spec.ts";
import { exitCodes } from "./exit-codes.ts";
import { pop3Options } from "./pop3-options.ts";
import { smtpOptions } from "./smtp-options.ts";

const ageOption = { flags: "--max-age <age>", text: "hold mail older than this many days, as 30d; off takes all" };
const idArgument = { name: "<id>", text: "the connector, con_…" };

const { partly, refused, notFound, noArchive, locked, wrongKey, later, interrupted } = exitCodes;
const usual = [refused, noArchive, locked, wrongKey, later, interrupted];

/** The commands about where mail comes from. */
export const connectorCommands: readonly CommandSpec[] = [
  {
    name: "connectors list",
    args: [],
    summary: "List the journal connectors",
    options: [],
    examples: ["muniment connectors list --data ./data", "muniment connectors list --json"],
    exits: usual,
    load: async () => (await import("./verbs/connectors.ts")).list,
  },
  {
    name: "connectors add",
    args: [],
    summary: "Add a journal connector",
    options: [
      { flags: "--description <text>", text: "its name, unique in the tenant", isRequired: true },
      { flags: "--address <address>", text: "journal e-mail address that mail is sent to", isRequired: true },
      { flags: "--type <type>", text: "eej (Exchange envelope journaling) or standard", isRequired: true },
      {
        flags: "--transport <transport>",
        text: "smtp (mail is sent here) or pop3 (mail is fetched from a mailbox)",
        isRequired: true,
      },
      ageOption,
      ...pop3Options,
      ...smtpOptions,
    ],
    examples: [
      'muniment connectors add --transport smtp --type eej --description "Exchange" --address journal@archive.example',
      'muniment connectors add --transport smtp --type standard --description "Copy" --address copy@archive.example --max-age off',
      'muniment connectors add --transport pop3 --type eej --description "Mailbox" --address journal@example.com --host mail.example.com --user journal --password-stdin',
    ],
    exits: usual,
    load: async () => (await import("./verbs/connectors.ts")).add,
  },
  {
    name: "connectors edit",
    args: [idArgument],
    summary: "Change a journal connector",
    options: [
      { flags: "--description <text>", text: "its name, unique in the tenant" },
      { flags: "--address <address>", text: "journal e-mail address that mail is sent to" },
      { flags: "--type <type>", text: "eej or standard" },
      ageOption,
      ...pop3Options,
      ...smtpOptions,
    ],
    examples: [
      "muniment connectors edit con_0123456789abcdef --max-age off",
      "muniment connectors edit con_0123456789abcdef --permit 192.0.2.0/24 --permit-provider microsoft-365 --require-tls on",
      "muniment connectors edit con_0123456789abcdef --type standard --sub-address on",
    ],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/connectors.ts")).edit,
  },
  {
    name: "connectors enable",
    args: [idArgument],
    summary: "Let a connector take mail",
    options: [],
    examples: ["muniment connectors enable con_0123456789abcdef"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/connectors.ts")).enable,
  },
  {
    name: "connectors disable",
    args: [idArgument],
    summary: "Let a connector take no mail; senders try again later",
    options: [],
    examples: ["muniment connectors disable con_0123456789abcdef"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/connectors.ts")).disable,
  },
  {
    name: "connectors run",
    args: [idArgument],
    summary: "Empty a connector's mailbox now, and wait until its mail is archived",
    options: [],
    examples: ["muniment connectors run con_0123456789abcdef --json"],
    exits: [partly, notFound, ...usual],
    load: async () => (await import("./verbs/mailbox.ts")).run,
  },
  {
    name: "connectors test",
    args: [idArgument],
    summary: "Test Journal Extraction: try a connector step by step; nothing is deleted",
    options: [{ flags: "--wait <time>", text: "smtp: wait for a test mail from outside, as 2m, at most 15m" }],
    examples: [
      "muniment connectors test con_0123456789abcdef",
      "muniment connectors test con_0123456789abcdef --json",
      "muniment connectors test con_0123456789abcdef --wait 2m",
    ],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/connector-test.ts")).test,
  },
  {
    name: "connectors peers",
    args: [idArgument],
    summary: "Show who delivered to a connector, who was turned away, and what was refused",
    options: [],
    examples: ["muniment connectors peers con_0123456789abcdef"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/senders.ts")).peers,
  },
  {
    name: "connectors refusals",
    args: [],
    summary: "Show what was answered 5xx and concerns no connector",
    options: [],
    examples: ["muniment connectors refusals", "muniment connectors refusals --json"],
    exits: usual,
    load: async () => (await import("./verbs/senders.ts")).refusals,
  },
  {
    name: "connectors allow",
    args: [idArgument, { name: "<range>", text: "an address or range, as 192.0.2.0/24" }],
    summary: "Permit one more address to send to a connector",
    options: [],
    examples: ["muniment connectors allow con_0123456789abcdef 192.0.2.7"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/senders.ts")).allow,
  },
  {
    name: "connectors login",
    args: [idArgument],
    summary: "Make a login that senders to a connector must use",
    options: [{ flags: "--remove", text: "ask for no login any more" }],
    examples: [
      "muniment connectors login con_0123456789abcdef",
      "muniment connectors login con_0123456789abcdef --remove",
    ],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/senders.ts")).login,
  },
  {
    name: "connectors recipe",
    args: [idArgument],
    summary: "Print how a mail system is made to send its journal to a connector",
    options: [
      {
        flags: "--for <system>",
        text: "exchange-server, microsoft-365, google-workspace, postfix or copy (default: all)",
      },
    ],
    examples: ["muniment connectors recipe con_0123456789abcdef --for postfix"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/senders.ts")).recipe,
  },
  {
    name: "connectors providers",
    args: [],
    summary: "List providers whose addresses can be permitted by name",
    options: [],
    examples: ["muniment connectors providers", "muniment connectors providers --json"],
    exits: usual,
    load: async () => (await import("./verbs/senders.ts")).providers,
  },
];
