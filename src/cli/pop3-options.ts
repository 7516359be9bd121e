import type { OptionSpec } from "./command-spec.ts";
import { usageFailure } from "./problem.ts";
import { type Call, textOption } from "./verb.ts";

/** Options of `connectors add` and `edit` about a mailbox. */
export const pop3Options: readonly OptionSpec[] = [
  { flags: "--host <host>", text: "server with the journal mailbox" },
  { flags: "--port <n>", text: "its port (default 995 for implicit TLS, else 110)" },
  { flags: "--tls <how>", text: "implicit (the default), starttls, or none: the password then goes in clear" },
  { flags: "--verify <how>", text: "strict (the default), relaxed, or the SHA-256 of the one certificate to trust" },
  { flags: "--user <user>", text: "user name at the mailbox" },
  { flags: "--password-stdin", text: "read the mailbox's password from standard input" },
  { flags: "--auth <how>", text: "password (the default), or oauth: log in by access token (XOAUTH2)" },
  { flags: "--token-endpoint <url>", text: "oauth: where access tokens are had, an https address" },
  { flags: "--client-id <id>", text: "oauth: id of the application at the token endpoint" },
  { flags: "--grant <grant>", text: "oauth: client-credentials (the default), or refresh-token" },
  { flags: "--scope <scope>", text: "oauth: what to ask for (default: POP3 at Microsoft 365, else nothing)" },
  {
    flags: "--secrets-stdin",
    text: "oauth: read the client secret from the first line of standard input, the refresh token from the second",
  },
  { flags: "--interval <time>", text: "time between two sessions, as 60s, 5m or 1h (default 60s)" },
  { flags: "--keep-days <n>", text: "leave mail on the server for so many days after it was archived (default 0)" },
  { flags: "--keep", text: "leave mail on the server for ever" },
];

/** Longest line with a secret that is read, in characters. */
const secretCharactersMax = 10_000;

/** What those options say, as the API takes it; undefined when none was named. Throws `USAGE`. */
export async function pop3SettingsOf(call: Call): Promise<object | undefined> {
  const said = Object.entries({
    host: textOption(call, "host"),
    port: numberOf(call, "port", "--port", 65_535),
    tls: textOption(call, "tls"),
    verify: textOption(call, "verify"),
    user: textOption(call, "user"),
    password: await typedPassword(call),
    oauth: await oauthOf(call),
    intervalSeconds: secondsOf(textOption(call, "interval"), "--interval"),
    keepDays: keepDaysOf(call),
  }).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

/** Seconds of `60s`, `5m`, `1h` or a bare number of seconds; undefined when none was named. Throws `USAGE`. */
export function secondsOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = "s"] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
  if (count === undefined) throw usageFailure(`${flag} is ${text}; it must be a time as 60s, 5m or 1h`);
  return Number(count) * { s: 1, m: 60, h: 3_600 }[unit as "s" | "m" | "h"];
}

function keepDaysOf(call: Call): number | null | undefined {
  const days = numberOf(call, "keepDays", "--keep-days", 3_650);
  if (call.options.keep !== true) return days;
  if (days !== undefined) throw usageFailure("--keep-days and --keep do not go together");
  return null;
}

function numberOf(call: Call, name: string, flag: string, most: number): number | undefined {
  const text = textOption(call, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw usageFailure(`${flag} is ${text}; it must be a whole number up to ${most}`);
  return value;
}

/** What is said of a login by access token; null goes back to a password. */
async function oauthOf(call: Call): Promise<object | null | undefined> {
  const how = textOption(call, "auth");
  if (how !== undefined && how !== "password" && how !== "oauth")
    throw usageFailure(`--auth is ${how}; it must be password or oauth`);
  const secrets = call.options.secretsStdin === true ? await typedLines(call, 2) : [];
  const said = Object.entries({
    tokenEndpoint: textOption(call, "tokenEndpoint"),
    clientId: textOption(call, "clientId"),
    grant: textOption(call, "grant"),
    scope: textOption(call, "scope"),
    clientSecret: secrets[0],
    refreshToken: secrets[1] === "" ? undefined : secrets[1],
  }).filter(([, value]) => value !== undefined);
  if (how === "oauth" || (how === undefined && said.length > 0)) return Object.fromEntries(said);
  if (said.length > 0) throw usageFailure("a login by password takes no token endpoint, client or scope");
  return how === undefined ? undefined : null;
}

/** The first line of standard input: passwords are never arguments, which every user of the machine can see. */
async function typedPassword(call: Call): Promise<string | undefined> {
  if (call.options.passwordStdin !== true) return undefined;
  if (call.options.secretsStdin === true) throw usageFailure("--password-stdin and --secrets-stdin do not go together");
  const [line] = await typedLines(call, 1);
  if (line === undefined || line === "") throw usageFailure("there is no password on standard input");
  return line;
}

/** Up to `count` lines of standard input, without their ends. */
async function typedLines({ input }: Call, count: number): Promise<string[]> {
  if (input === undefined) throw usageFailure("secrets come on standard input");
  const pieces: Buffer[] = [];
  let length = 0;
  let lines = 0;
  for await (const piece of input) {
    const bytes = Buffer.from(piece);
    pieces.push(bytes);
    length += bytes.length;
    for (const byte of bytes) if (byte === 0x0a) lines += 1;
    if (lines >= count || length > secretCharactersMax * count) break;
  }
  return Buffer.concat(pieces).toString("utf8").split(/\r?\n/).slice(0, count);
}
