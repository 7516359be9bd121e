import type { Pop3Settings } from "#catalogue/index.ts";
import { domainBytesMax, Failure } from "#core/index.ts";

/** What may be said of a mailbox; what is absent stays. The password is only ever taken in. */
export interface Pop3Changes {
  host?: string;
  port?: number;
  tls?: Pop3Settings["tls"];
  /** `strict`, `relaxed`, or the SHA-256 of the one certificate to trust, colons allowed. */
  verify?: string;
  user?: string;
  password?: string;
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

/**
 * The settings with these changes, checked, and whether they need the password anew: it is never sent anywhere but where the
 * one who typed it sent it.
 *
 * @throws Failure `CON-MAILBOX` (never) naming what is wrong
 */
export function changedMailbox(
  before: Pop3Settings | undefined,
  changes: Pop3Changes,
): Omit<Pop3Settings, "sealedPassword"> {
  const tls = changes.tls ?? before?.tls ?? "implicit";
  const settings: Omit<Pop3Settings, "sealedPassword"> = {
    host: (changes.host ?? before?.host ?? "").trim(),
    port: changes.port ?? before?.port ?? usualPort(tls),
    tls,
    verify: changes.verify === undefined ? (before?.verify ?? { kind: "strict" }) : verificationOf(changes.verify),
    user: (changes.user ?? before?.user ?? "").trim(),
    intervalSeconds: changes.intervalSeconds ?? before?.intervalSeconds ?? intervalSecondsDefault,
    retention:
      changes.keepDays === undefined ? (before?.retention ?? { kind: "delete" }) : retentionOf(changes.keepDays),
  };
  check(settings);
  const { password } = changes;
  if (password !== undefined && (password === "" || password.length > secretCharactersMax || /[\r\n\0]/.test(password)))
    throw wrong(`a password has 1 to ${secretCharactersMax} characters, on one line`);
  if (password !== undefined) return settings;
  if (before === undefined) throw wrong("a mailbox needs a password");
  if (isElsewhere(before, settings))
    throw wrong(
      "enter the password again: it would be sent to another place, or less protected, than it was given for",
    );
  return settings;
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

function check({ host, port, user, intervalSeconds, retention }: Omit<Pop3Settings, "sealedPassword">): void {
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

/** Whether a login now would give the password to someone else, or protect it less. */
function isElsewhere(before: Pop3Settings, after: Omit<Pop3Settings, "sealedPassword">): boolean {
  const place = ({ host, port, user, tls, verify }: Omit<Pop3Settings, "sealedPassword">) =>
    JSON.stringify([host.toLowerCase(), port, user, tls, verify]);
  return place(before) !== place(after);
}

function wrong(message: string): Failure {
  return new Failure("CON-MAILBOX", "never", message, { effect: "nothing was changed" });
}
