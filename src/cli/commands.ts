import { auditCommands } from "./audit-commands.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { connectorCommands } from "./connector-commands.ts";
import { domainCommands } from "./domain-commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { mailKeyCommands } from "./mail-key-commands.ts";
import { quarantineCommands } from "./quarantine-commands.ts";

const dataOption = { flags: "--data <dir>", text: "folder of the archive (default ./data)" };
const passphraseOption = {
  flags: "--passphrase-file <file>",
  text: "file whose first line protects the archive's key",
};

/** Options that every command takes. */
export const commonOptions: readonly OptionSpec[] = [
  dataOption,
  { flags: "--tenant <name>", text: "tenant (default: the only one)" },
  passphraseOption,
  { flags: "--json", text: "print the result, or the problem, as JSON" },
  { flags: "-q, --quiet", text: "say nothing but results and problems" },
  { flags: "-v, --verbose", text: "say more on standard error" },
  { flags: "--no-input", text: "never ask; no command does so far" },
];

const httpOption = { flags: "--http <address>", text: "console and API (default 127.0.0.1:8080), or off" };
const sampleOption = { flags: "--sample <share>", text: "read only this share of the bytes, drawn by lot, such as 5%" };
const zoneOption = { flags: "--zone <name>", text: "time zone of the query's days (default: this machine's)" };
const queryArgument = {
  name: "<query>",
  text: 'what to look for, as the console\'s search takes it; "*" is everything',
};
const kitOption = {
  flags: "--kit-stdin",
  text: "read the kit's four lines from standard input",
  isRequired: true as const,
};

const { partly, refused, notFound, noArchive, locked, wrongKey, warnings, integrity, later, interrupted } = exitCodes;
/** What every command on an archive may end with. */
const usual = [refused, noArchive, locked, wrongKey, later, interrupted] as const;

/** Every command, in the order of help. */
export const commands: readonly CommandSpec[] = [
  {
    name: "demo",
    args: [],
    summary: "Try it out: a whole archive on made-up mail, removed at the end",
    options: [
      { flags: "--data <dir>", text: "its folder, new or a demo's (default ./muniment-demo)" },
      { flags: "--keep", text: "leave the folder when the demo ends" },
      { flags: "--http <address>", text: "console and API, on loopback (default 127.0.0.1:8080)" },
      { flags: "--smtp <address>", text: "journal mail, on loopback (default 127.0.0.1:2525)" },
    ],
    examples: ["muniment demo", "muniment demo --data ./try --keep --http 127.0.0.1:0 --smtp 127.0.0.1:0"],
    exits: [locked],
    load: async () => (await import("./verbs/demo.ts")).demo,
  },
  {
    name: "init",
    args: [],
    summary: "Create an archive and print the link to claim it",
    options: [httpOption],
    examples: ["muniment init --data ./data", "muniment init --data ./data --passphrase-file key.txt --json"],
    exits: [locked, wrongKey],
    load: async () => (await import("./verbs/init.ts")).init,
  },
  {
    name: "serve",
    args: [],
    summary: "Receive, archive and show mail until stopped",
    options: [
      httpOption,
      { flags: "--smtp <address>", text: "journal mail (default 127.0.0.1:2525), or off" },
      { flags: "--smtps <address>", text: "journal mail under TLS from the first byte (default off)" },
      { flags: "--tls-cert <file>", text: "PEM file with the certificate chain of both; read again when it changes" },
      { flags: "--tls-key <file>", text: "PEM file with the certificate's key" },
      { flags: "--mail-name <host>", text: "name by which other mail servers reach this one" },
      { flags: "--allow-private-hosts", text: "let connectors reach hosts on this machine and in private networks" },
      { flags: "--proxy-from <range...>", text: "addresses of proxies, as 192.0.2.0/24, that send a PROXY header" },
      {
        flags: "--import-folder <dir...>",
        text: "folder that the console may import from; as often as there are folders",
      },
    ],
    examples: [
      "muniment serve --data ./data",
      "muniment serve --data ./data --http 127.0.0.1:0 --smtp 0.0.0.0:25",
      "muniment serve --data ./data --smtp 0.0.0.0:25 --smtps 0.0.0.0:465 --tls-cert cert.pem --tls-key key.pem",
    ],
    exits: [noArchive, locked, wrongKey],
    load: async () => (await import("./verbs/serve.ts")).serve,
  },
  {
    name: "status",
    args: [],
    summary: "Show what was received and what became of it",
    options: [],
    examples: ["muniment status --data ./data", "muniment status --json"],
    exits: usual,
    load: async () => (await import("./verbs/status.ts")).status,
  },
  ...connectorCommands,
  {
    name: "import",
    args: [{ name: "<paths...>", text: "mail files, folders, mbox files, Maildirs, PST, ZIP, tar and gzip files" }],
    summary: "Bring in mail from files",
    options: [
      { flags: "--type <type>", text: "standard (mail, the default) or eej (journal reports)" },
      {
        flags: "--unquote <variant>",
        text: "take off the quoting of mboxo or mboxrd files; only where that can be undone",
      },
    ],
    examples: [
      "muniment import mails/ --data ./data",
      "muniment import old.mbox list.tar.gz --json",
      "muniment import Maildir -v",
    ],
    exits: [partly, notFound, ...usual],
    load: async () => (await import("./verbs/import.ts")).importMail,
  },
  {
    name: "search",
    args: [queryArgument],
    summary: "Find messages, newest first",
    options: [{ flags: "--limit <n>", text: "most results (default 50)" }, zoneOption],
    examples: [
      "muniment search 'from:anna after:2026-01-01'",
      "muniment search 'sha256:DIGEST' --json",
      "muniment search '*' --limit 1000 --json",
    ],
    exits: usual,
    load: async () => (await import("./verbs/search.ts")).search,
  },
  {
    name: "get",
    args: [{ name: "<id>", text: "the message, msg_…" }],
    summary: "Write a message, or its journal report, to standard output",
    options: [
      { flags: "--report", text: "the journal report that brought it, instead of the message" },
      { flags: "--receipt <n>", text: "with --report: of this receipt, from 0 (default: the first that has one)" },
    ],
    examples: ["muniment get msg_ID > message.eml", "muniment get msg_ID --report --receipt 1 > report.eml"],
    exits: [notFound, integrity, ...usual],
    load: async () => (await import("./verbs/get.ts")).get,
  },
  {
    name: "show",
    args: [{ name: "<id>", text: "the message, msg_…" }],
    summary: "Show everything understood of a message",
    options: [],
    examples: ["muniment show msg_ID", "muniment show msg_ID --json"],
    exits: [notFound, integrity, ...usual],
    load: async () => (await import("./verbs/show.ts")).show,
  },
  {
    name: "parse",
    args: [{ name: "<file>", text: "a message or journal report" }],
    summary: "Show what would be understood of a file, archiving nothing",
    options: [{ flags: "--type <type>", text: "eej takes a journal report off, standard never does (default eej)" }],
    examples: ["muniment parse report.eml", "muniment parse report.eml --type standard --json"],
    exits: [notFound],
    load: async () => (await import("./verbs/parse.ts")).parse,
  },
  ...domainCommands,
  ...auditCommands,
  ...quarantineCommands,
  {
    name: "export",
    args: [queryArgument],
    summary: "Write messages to files, with a manifest",
    options: [
      { flags: "--out <folder>", text: "where to; made when needed", isRequired: true },
      { flags: "--form <form>", text: "of encrypted mail: original (the default), decrypted or both" },
      zoneOption,
    ],
    examples: [
      "muniment export '*' --out all/",
      "muniment export 'from:anna after:2026-01-01' --out case7/ --json",
      "muniment export 'is:encrypted-decrypted' --out case8/ --form both",
    ],
    exits: [partly, integrity, ...usual],
    load: async () => (await import("./verbs/export.ts")).exportMail,
  },
  {
    name: "verify",
    args: [],
    summary: "Read every stored byte again and compare digests",
    options: [
      sampleOption,
      { flags: "--since <time>", text: "only packs made since this day (UTC) or time, such as 2026-01-31" },
    ],
    examples: [
      "muniment verify --data ./data",
      "muniment verify --sample 5%",
      "muniment verify --since 2026-01-31 --sample 20% --json",
    ],
    exits: [warnings, integrity, ...usual],
    load: async () => (await import("./verbs/verify.ts")).verify,
  },
  {
    name: "backup",
    args: [{ name: "<folder>", text: "where to: new, empty, or the backup before; on the server's machine" }],
    summary: "Copy everything that cannot be made anew, while the archive is in use",
    options: [{ flags: "--check", text: "also read every pack that is there already" }],
    examples: ["muniment backup /mnt/backup --data ./data", "muniment backup /mnt/backup --check --json"],
    exits: [integrity, ...usual],
    load: async () => (await import("./verbs/backup.ts")).backup,
  },
  {
    name: "restore",
    args: [{ name: "<folder>", text: "the backup" }],
    summary: "Make an archive from a backup, or prove that it could be made",
    options: [
      { flags: "--data <dir>", text: "folder of the archive to be, new or empty (default ./data)" },
      { flags: "--test", text: "restore to a scratch folder beside the backup, read it back, remove it" },
      sampleOption,
      { flags: "--accept-damage", text: "restore what holds of a damaged backup" },
    ],
    examples: [
      "muniment restore /mnt/backup --data ./data",
      "muniment restore /mnt/backup --test",
      "muniment restore /mnt/backup --test --sample 5% --json",
    ],
    exits: [partly, notFound, wrongKey, integrity, later],
    load: async () => (await import("./verbs/restore.ts")).restore,
  },
  {
    name: "token create",
    args: [],
    summary: "Create a token for the API",
    options: [
      { flags: "--role <role>", text: "operator, admin, compliance, auditor or user", isRequired: true },
      { flags: "--label <text>", text: "what it is for" },
      { flags: "--expires-in-days <n>", text: "days until it ends (default 90)" },
    ],
    examples: ["muniment token create --role auditor", "muniment token create --role admin --label backup --json"],
    exits: usual,
    load: async () => (await import("./verbs/token.ts")).createToken,
  },
  {
    name: "rebuild catalogue",
    args: [],
    summary: "Build the catalogue anew from packs and keys",
    options: [],
    examples: ["muniment rebuild catalogue --data ./data"],
    exits: [partly, noArchive, locked, wrongKey],
    load: async () => (await import("./verbs/rebuild.ts")).rebuildCatalogue,
  },
  {
    name: "rebuild search",
    args: [],
    summary: "Build the search index anew",
    options: [],
    examples: ["muniment rebuild search --data ./data"],
    exits: usual,
    load: async () => (await import("./verbs/rebuild.ts")).rebuildSearch,
  },
  {
    name: "keys list",
    args: [],
    summary: "List the keys of tenants, what protects them, and the keys that open encrypted mail",
    options: [],
    examples: ["muniment keys list --data ./data", "muniment keys list --json"],
    exits: [noArchive, wrongKey],
    load: async () => (await import("./verbs/keys.ts")).listKeys,
  },
  ...mailKeyCommands,
  {
    name: "keys rotate",
    args: [],
    summary: "Begin a new epoch of tenants' keys, or replace the root key",
    options: [
      { flags: "--tenant <name>", text: "of this tenant only (default: of every one)" },
      { flags: "--root", text: "replace the root key instead; tenants' keys stay" },
    ],
    examples: [
      "muniment keys rotate --data ./data",
      "muniment keys rotate --tenant main --passphrase-file key.txt",
      "muniment keys rotate --root --passphrase-file key.txt",
    ],
    exits: [notFound, noArchive, locked, wrongKey, integrity],
    load: async () => (await import("./verbs/keys.ts")).rotateKeys,
  },
  {
    name: "rekey",
    args: [],
    summary: "Write packs anew under the newest keys of their tenants",
    options: [
      { flags: "--reencrypt", text: "every pack that is sealed under an older key" },
      { flags: "--tenant <name>", text: "of this tenant only (default: of every one)" },
    ],
    examples: [
      "muniment rekey --reencrypt --data ./data",
      "muniment rekey --reencrypt --tenant main --passphrase-file key.txt",
    ],
    exits: [partly, notFound, noArchive, locked, wrongKey, later, interrupted],
    load: async () => (await import("./verbs/rekey.ts")).rekey,
  },
  {
    name: "keys passphrase",
    args: [],
    summary: "Set, change or remove the passphrase of the key file",
    options: [
      { flags: "--new-passphrase-file <file>", text: "file whose first line is the new passphrase" },
      { flags: "--remove", text: "take the passphrase away" },
    ],
    examples: [
      "muniment keys passphrase --new-passphrase-file new.txt",
      "muniment keys passphrase --passphrase-file old.txt --new-passphrase-file new.txt",
      "muniment keys passphrase --passphrase-file old.txt --remove",
    ],
    exits: [noArchive, locked, wrongKey, integrity],
    load: async () => (await import("./verbs/keys.ts")).changePassphrase,
  },
  {
    name: "keys recovery-kit",
    args: [],
    summary: "Make a recovery kit for paper, which opens the keys without the passphrase",
    options: [{ flags: "--replace", text: "also when there is a kit, which is worthless then" }],
    examples: ["muniment keys recovery-kit", "muniment keys recovery-kit --replace"],
    exits: [noArchive, locked, wrongKey, integrity],
    load: async () => (await import("./verbs/recovery.ts")).makeRecoveryKit,
  },
  {
    name: "keys recover",
    args: [],
    summary: "Open the keys with a recovery kit and give them a new passphrase",
    options: [
      kitOption,
      { flags: "--passphrase-file <file>", text: "file whose first line is the new passphrase (default: none)" },
    ],
    examples: ["muniment keys recover --data ./data --kit-stdin --passphrase-file new.txt"],
    exits: [notFound, noArchive, locked, wrongKey, integrity],
    load: async () => (await import("./verbs/recovery.ts")).recoverKeys,
  },
  {
    name: "keys test-recovery",
    args: [],
    summary: "Prove a recovery kit by reading a pack of each tenant with it",
    options: [kitOption],
    examples: ["muniment keys test-recovery --data ./data --kit-stdin"],
    exits: [notFound, noArchive, locked, wrongKey, integrity],
    load: async () => (await import("./verbs/recovery.ts")).testRecovery,
  },
  {
    name: "inspect pack",
    args: [{ name: "<file>", text: "a pack below DIR/blobs/packs" }],
    summary: "Show how a pack file is built",
    options: [],
    examples: ["muniment inspect pack data/blobs/packs/main/pck_ID.pack"],
    exits: [notFound, noArchive, wrongKey, integrity],
    load: async () => (await import("./verbs/inspect.ts")).inspectPack,
  },
  {
    name: "inspect spool",
    args: [],
    summary: "Show what waits on the spool",
    options: [],
    examples: ["muniment inspect spool --data ./data"],
    exits: [noArchive, wrongKey],
    load: async () => (await import("./verbs/inspect.ts")).inspectSpool,
  },
];

/** The common options of a command: those that it does not give a meaning of its own. */
export function commonOptionsOf({ options }: CommandSpec): readonly OptionSpec[] {
  return commonOptions.filter(({ flags }) => !options.some((own) => own.flags === flags));
}

/** What the first word of two-word commands is about. */
export const groups: Readonly<Record<string, string>> = {
  connectors: "Journal connectors: where mail comes from",
  domains: "The domains that are the tenant's own",
  quarantine: "What could not be handled, and what was held",
  audit: "The record of who did what",
  token: "Tokens for the API",
  rebuild: "Build anew what can be derived",
  keys: "Keys: of the archive, and of encrypted mail",
  inspect: "Look at the archive's own files",
};
