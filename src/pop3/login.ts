import { createHash } from "node:crypto";
import { Failure } from "#core/index.ts";
import type { Capabilities } from "./capabilities.ts";

/** Where access tokens come from. */
export interface TokenSource {
  /**
   * A token to log in with, asked for at each login.
   *
   * @param refused the one that the server has just refused, null at the first try; when the same comes again, no other is to be had
   * @throws Pop3Failure `token`
   */
  token(refused: string | null, signal: AbortSignal): Promise<string>;
  /** Milliseconds that are left to the token given last; null when there is none, or it does not say. */
  leftMs(): number | null;
}

/** How a connector proves who it is. */
export type Pop3Login =
  | { kind: "password"; user: string; password: string; mechanism: "best" | "apop" | "plain" | "user" }
  | { kind: "xoauth2"; user: string; source: TokenSource };

/** One command of a login: `step` is how it is named, without its secret. */
export interface LoginCommand {
  command: string;
  step: string;
  /** What is sent when the server asks for more, once; then an empty line, which ends a refused exchange. */
  response: string | null;
}

/** AUTH with its initial response must stay within RFC 5034's 255 octets, CRLF included. */
const authLineBytesMax = 253;

/**
 * The commands that log in, in order; null when the server offers nothing that fits.
 *
 * `best` takes SASL PLAIN where it is offered and USER/PASS otherwise, which the caller has made sure are protected.
 * XOAUTH2 is sent in two steps, since Microsoft 365 takes no initial response. APOP needs the greeting's timestamp.
 *
 * @param token of a `xoauth2` login
 * @throws `POP3-LOGIN-MALFORMED` (never) when user or password cannot be said in this protocol
 * @see RFC 1939 §7, RFC 4616, RFC 5034
 */
export function loginCommands(
  login: Pop3Login,
  greeting: string,
  capabilities: Capabilities,
  token: string,
): LoginCommand[] | null {
  if (login.kind === "xoauth2") return xoauth2(login.user, token);
  const { user, password, mechanism } = login;
  switch (mechanism) {
    case "apop":
      return apop(user, password, greeting);
    case "plain":
      return plain(user, password);
    case "user":
      return userPass(user, password);
    case "best":
      if (capabilities.mechanisms.has("PLAIN")) return plain(user, password);
      return capabilities.argumentsByTag.size === 0 || capabilities.argumentsByTag.has("USER")
        ? userPass(user, password)
        : null;
  }
}

/** The words of a login that must not be seen: in a transcript, or in what a server repeats. */
export function secretsOf(login: Pop3Login, commands: readonly LoginCommand[], token: string): string[] {
  const secrets = commands.flatMap(({ command, response }) => [
    ...(response === null ? [] : [response]),
    ...command.split(" ").slice(command.startsWith("APOP") || command.startsWith("AUTH") ? 2 : 1),
  ]);
  const shown = login.kind === "password" ? login.password : token;
  return [shown, ...secrets.filter((word) => word !== login.user)];
}

function userPass(user: string, password: string): LoginCommand[] {
  check("user name", user, /^[^\s\x00-\x1f\x7f]+(?: [^\s\x00-\x1f\x7f]+)*$/);
  check("password", password, /^[^\r\n\0]+$/);
  return [
    { command: `USER ${user}`, step: `USER ${user}`, response: null },
    { command: `PASS ${password}`, step: "PASS ****", response: null },
  ];
}

function apop(user: string, password: string, greeting: string): LoginCommand[] | null {
  const timestamp = /<[\x21-\x3b\x3d\x3f\x41-\x7e]+@[\x21-\x3b\x3d\x3f\x41-\x7e]+>/.exec(greeting)?.[0];
  if (timestamp === undefined) return null;
  check("user name", user, /^[^\s\x00-\x1f\x7f]+$/);
  const digest = createHash("md5").update(timestamp).update(password).digest("hex");
  return [{ command: `APOP ${user} ${digest}`, step: `APOP ${user} ****`, response: null }];
}

function plain(user: string, password: string): LoginCommand[] {
  check("user name", user, /^[^\0]+$/);
  check("password", password, /^[^\0]+$/);
  const response = Buffer.from(`\0${user}\0${password}`).toString("base64");
  const whole = `AUTH PLAIN ${response}`;
  if (whole.length <= authLineBytesMax) return [{ command: whole, step: "AUTH PLAIN ****", response: null }];
  return [{ command: "AUTH PLAIN", step: "AUTH PLAIN", response }];
}

function xoauth2(user: string, token: string): LoginCommand[] {
  check("user name", user, /^[^\x00-\x1f\x7f]+$/);
  check("token", token, /^[\x21-\x7e]+$/);
  const response = Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString("base64");
  return [{ command: "AUTH XOAUTH2", step: "AUTH XOAUTH2", response }];
}

function check(what: string, text: string, shape: RegExp): void {
  if (shape.test(text)) return;
  throw new Failure("POP3-LOGIN-MALFORMED", "never", `the ${what} is empty or has characters that POP3 cannot carry`, {
    effect: "no mail is lost: it waits in the mailbox",
  });
}
