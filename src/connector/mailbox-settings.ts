import type { Pop3Settings } from "#catalogue/index.ts";
import { domainBytesMax, Failure } from "#core/index.ts";
import { changedOAuth, givenOAuthSecrets, type OAuthChanges } from "./oauth-settings.ts";

/** What may be said of a mailbox; what is absent stays. The password is only ever taken in. */
export interface Pop3Changes {
  host?: string;
  port?: number;
  tls?: Pop3Settings["tls"];
  /** `strict`, `relaxed`, or the SHA-256 of the one certificate to trust, colons allowed. */
  verify?: string;
  user?: string;
  password?: string;
  /** A login by access token in place of the password; null goes back to a password. */
  oauth?: OAuthChanges | null;
  intervalSeconds?: number;
  /** Days a message stays on the server after it was archived: 0 deletes it at once, null never. */
  keepDays?: number | null;
}

/** Time between two drains unless said otherwise, in seconds. */
const intervalSecondsDefault = 60;
/** Shortest and longest interval in seconds: more often no mail system likes to be asked, and a day is late enough. */
export const intervalSecondsMin = 2;
export const intervalSecondsMax = 86_400;
/** Longest time on the server in days: ten years, beyond which it is "for ever". */
export const keepDaysMax = 3_650;
/** Longest user name and password in characters: what fits a command line of any server. */
export const secretCharactersMax = 200;

/** Usual ports (RFC 1939, RFC 8314). */
function usualPort(tls: Pop3Settings["tls"]): number {
  return tls === "implicit" ? 995 : 110;
}

/** Settings without their secret. */
type OpenSettings = Omit<Pop3Settings, "sealedPassword">;

/** A mailbox as it is to be kept. */
export interface ChangedMailbox {
  settings: OpenSettings;
  /** What is to be sealed: the password, or the secrets of `settings.oauth` as JSON. Null: what is sealed stays. */
  secret: string | null;
}

/**
 * The settings with these changes, checked, and the secret that was given with them. Without one the kept secret stays, unless it
 * would be sent anywhere but where the one who typed it sent it.
 *
 * @throws Failure `CON-MAILBOX` (never) naming what is wrong
 */
export function changedMailbox(before: Pop3Settings | undefined, changes: Pop3Changes): ChangedMailbox {
  const tls = changes.tls ?? before?.tls ?? "implicit";
  const oauth = oauthOf(before, changes);
  const settings: OpenSettings = {
    host: (changes.host ?? before?.host ?? "").trim(),
    port: changes.port ?? before?.port ?? usualPort(tls),
    tls,
    verify: changes.verify === undefined ? (before?.verify ?? { kind: "strict" }) : verificationOf(changes.verify),
    user: (changes.user ?? before?.user ?? "").trim(),
    ...(oauth === undefined ? {} : { oauth }),
    intervalSeconds: changes.intervalSeconds ?? before?.intervalSeconds ?? intervalSecondsDefault,
    retention:
      changes.keepDays === undefined ? (before?.retention ?? { kind: "delete" }) : retentionOf(changes.keepDays),
  };
  check(settings);
  const secret = givenSecret(settings, changes);
  if (secret !== null) return { settings, secret };
  if (before === undefined)
    throw wrong(oauth === undefined ? "a mailbox needs a password" : "the login needs its secret");
  if (isElsewhere(before, settings))
    throw wrong(
      "enter the password or secret again: it would be sent to another place, or less protected, than it was given for",
    );
  return { settings, secret: null };
}

function oauthOf(before: Pop3Settings | undefined, { oauth, password }: Pop3Changes): Pop3Settings["oauth"] {
  if (oauth === null) return undefined;
  if (oauth === undefined && (before?.oauth === undefined || password !== undefined)) return undefined;
  if (password !== undefined)
    throw wrong("a mailbox is logged in to with a password or with access tokens, not with both");
  return changedOAuth(before?.oauth, oauth ?? {});
}

function givenSecret({ oauth }: OpenSettings, { password, oauth: said }: Pop3Changes): string | null {
  if (oauth !== undefined) {
    const secrets = givenOAuthSecrets(oauth, said ?? {});
    return secrets === null ? null : JSON.stringify(secrets);
  }
  if (password === undefined) return null;
  if (password === "" || password.length > secretCharactersMax || /[\r\n\0]/.test(password))
    throw wrong(`a password has 1 to ${secretCharactersMax} characters, on one line`);
  return password;
}

/** Days on the server as people write them: 0 for none, null for ever. */
export function keepDaysOf({ retention }: Pick<Pop3Settings, "retention">): number | null {
  switch (retention.kind) {
    case "delete":
      return 0;
    case "keep-days":
      return retention.days;
    case "keep":
      return null;
  }
}

/** Whom to trust, in the words in which it is set. */
export function verifyText({ verify }: Pick<Pop3Settings, "verify">): string {
  return verify.kind === "pinned" ? verify.sha256 : verify.kind;
}

function retentionOf(days: number | null): Pop3Settings["retention"] {
  if (days === null) return { kind: "keep" };
  return days === 0 ? { kind: "delete" } : { kind: "keep-days", days };
}

function verificationOf(text: string): Pop3Settings["verify"] {
  if (text === "strict" || text === "relaxed") return { kind: text };
  const sha256 = text.replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw wrong("verification is strict, relaxed, or the SHA-256 of a certificate in 64 hexadecimal digits");
  return { kind: "pinned", sha256 };
}

function check({ host, port, user, intervalSeconds, retention }: OpenSettings): void {
  if (host.length < 1 || host.length > domainBytesMax || !/^[A-Za-z0-9._:-]+$/.test(host))
    throw wrong("the host is a name such as mail.example.com, or an address");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw wrong("a port is 1 to 65535");
  if (user.length < 1 || user.length > secretCharactersMax || /[\x00-\x1f\x7f]/.test(user))
    throw wrong(`a user name has 1 to ${secretCharactersMax} characters`);
  if (
    !Number.isInteger(intervalSeconds) ||
    intervalSeconds < intervalSecondsMin ||
    intervalSeconds > intervalSecondsMax
  )
    throw wrong(`the interval is ${intervalSecondsMin} to ${intervalSecondsMax} seconds`);
  if (
    retention.kind === "keep-days" &&
    (!Number.isInteger(retention.days) || retention.days < 1 || retention.days > keepDaysMax)
  )
    throw wrong(`mail stays on the server for 0 to ${keepDaysMax} days, or for ever`);
}

/** Whether a login now would give the secret, or a token had by it, to someone else, or protect it less. */
function isElsewhere(before: Pop3Settings, after: OpenSettings): boolean {
  const place = ({ host, port, user, tls, verify, oauth }: OpenSettings) =>
    JSON.stringify([host.toLowerCase(), port, user, tls, verify, oauth?.grant, oauth?.tokenEndpoint, oauth?.clientId]);
  return place(before) !== place(after);
}

function wrong(message: string): Failure {
  return new Failure("CON-MAILBOX", "never", message, { effect: "nothing was changed" });
}
