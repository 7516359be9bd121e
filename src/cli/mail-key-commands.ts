import type { CommandSpec } from "./command-spec.ts";
import { exitCodes } from "./exit-codes.ts";

const { refused, notFound, noArchive, locked, wrongKey, later, interrupted } = exitCodes;
const usual = [refused, noArchive, locked, wrongKey, later, interrupted];

/** The commands about keys that open encrypted mail, and authorities that vouch for signatures. */
export const mailKeyCommands: readonly CommandSpec[] = [
  {
    name: "keys import",
    args: [{ name: "<file>", text: "PKCS#12 or PEM with a private key and its certificate" }],
    summary: "Take in a key for encrypted mail, and open what waited for it",
    options: [{ flags: "--passphrase-stdin", text: "read the file's passphrase from standard input" }],
    examples: ["muniment keys import journal.p12 --passphrase-stdin", "muniment keys import bob.pem --json"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/mail-keys.ts")).importKeys,
  },
  {
    name: "keys trust",
    args: [{ name: "<file>", text: "certificates of authorities, PEM or DER" }],
    summary: "Trust authorities for the signatures of mail that comes from now on",
    options: [],
    examples: ["muniment keys trust company-ca.pem"],
    exits: [notFound, ...usual],
    load: async () => (await import("./verbs/mail-keys.ts")).trustAuthorities,
  },
];
