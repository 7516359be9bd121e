import { Failure, type Retry } from "#core/index.ts";
import type { ReplyFault } from "./reply-reader.ts";
import { type StatusLine, visible } from "./status-line.ts";

/** Why a TLS connection is not trusted or did not come about. */
export type TlsFault =
  | "expired"
  | "not-yet-valid"
  | "wrong-name"
  | "self-signed"
  | "unknown-authority"
  | "revoked"
  | "wrong-fingerprint"
  | "version-too-old"
  | "handshake-failed";

/**
 * Why no access token was to be had. `client`, `grant` and `scope`: the endpoint refuses the application, what it was given
 * (consent or refresh token ended), or what it asks for; `refused`: it refuses in another way.
 */
export type TokenFault =
  | "unreachable"
  | "address-refused"
  | "port-refused"
  | "tls"
  | "client"
  | "grant"
  | "scope"
  | "refused"
  | "busy"
  | "not-an-answer";

/**
 * Why a session could not be held, kept apart by what helps. `said` is the server's own text, safe to show; `step` is what
 * we were doing, such as `greeting`, `PASS` or `RETR 7`.
 */
export type Pop3Problem =
  /** The address is private, local or otherwise not one that connectors may reach. */
  | { kind: "address-refused"; host: string; address: string; range: string }
  | { kind: "no-such-host"; host: string; detail: string }
  | { kind: "unreachable"; host: string; detail: string }
  | { kind: "tls"; fault: TlsFault; detail: string }
  /** TLS was asked for and STLS is missing, refused or followed by octets in clear: an attack or a wrong set-up. */
  | { kind: "stls"; fault: "not-offered" | "refused" | "injected"; said: string }
  /** We sent no password, since the connection is not as well protected as the connector demands. */
  | { kind: "secret-withheld"; reason: "clear" | "unverified" }
  | { kind: "no-mechanism"; offered: string }
  /** The login needs an access token, and the token endpoint gave none. */
  | { kind: "token"; fault: TokenFault; endpoint: string; detail: string }
  /** Another session holds the mailbox: `[IN-USE]`. */
  | { kind: "in-use"; step: string; said: string }
  /** Logged in too soon after the last time: `[LOGIN-DELAY]`. */
  | { kind: "login-delay"; step: string; said: string }
  /** The server's trouble, likely to pass: `[SYS/TEMP]`. */
  | { kind: "sys-temp"; step: string; said: string }
  /** The server's trouble, a human has to help: `[SYS/PERM]`. */
  | { kind: "sys-perm"; step: string; said: string }
  /** `stated`: the server said `[AUTH]`. `assumed`: it refused a login and knows no such codes. */
  | { kind: "auth"; certainty: "stated" | "assumed"; step: string; said: string }
  /** `-ERR` without a code that says more. */
  | { kind: "refused"; step: string; said: string }
  | { kind: "protocol"; fault: ReplyFault; step: string }
  | { kind: "timeout"; step: string }
  | { kind: "lost"; step: string; detail: string };

/** When the same may be tried again with hope. */
function retryOf(problem: Pop3Problem): Retry {
  switch (problem.kind) {
    case "token":
      return ["unreachable", "busy", "not-an-answer"].includes(problem.fault) ? "later" : "never";
    case "address-refused":
    case "tls":
    case "stls":
    case "secret-withheld":
    case "no-mechanism":
    case "sys-perm":
    case "auth":
      return "never";
    case "no-such-host":
    case "unreachable":
    case "in-use":
    case "login-delay":
    case "sys-temp":
    case "refused":
    case "protocol":
    case "timeout":
      return "later";
    case "lost":
      return "now";
  }
}

/** The problem in a sentence without secrets, fit for an operator. */
function problemText(problem: Pop3Problem): string {
  switch (problem.kind) {
    case "address-refused":
      return `${problem.host} is ${problem.address}, which is ${problem.range}: connectors may not reach it here`;
    case "no-such-host":
      return `${problem.host} cannot be resolved: ${problem.detail}`;
    case "unreachable":
      return `${problem.host} does not answer: ${problem.detail}`;
    case "tls":
      return `the TLS connection is not trusted (${problem.fault}): ${problem.detail}`;
    case "stls":
      return { "not-offered": "the server offers no STLS", refused: "the server refuses STLS", injected: stlsInjected }[
        problem.fault
      ].concat(problem.said === "" ? "" : `: ${problem.said}`);
    case "secret-withheld":
      return problem.reason === "clear"
        ? "no password was sent, because the connection is not encrypted"
        : "no password was sent, because the server's certificate was not verified";
    case "no-mechanism":
      return `the server offers no way to log in that the connector can use (it offers: ${problem.offered})`;
    case "token":
      return `the token endpoint ${problem.endpoint} ${tokenTexts[problem.fault]}: ${problem.detail}`;
    case "in-use":
      return `the mailbox is open in another session: ${problem.said}`;
    case "login-delay":
      return `the server wants more time between logins: ${problem.said}`;
    case "sys-temp":
      return `the server has a passing trouble at ${problem.step}: ${problem.said}`;
    case "sys-perm":
      return `the server has a lasting trouble at ${problem.step}: ${problem.said}`;
    case "auth":
      return problem.certainty === "stated"
        ? `the server refuses these credentials: ${problem.said}`
        : `the server refused the login, without saying whether the credentials are wrong: ${problem.said}`;
    case "refused":
      return `the server refused ${problem.step}: ${problem.said}`;
    case "protocol":
      return `the server broke the protocol at ${problem.step} (${problem.fault})`;
    case "timeout":
      return `the server did not answer in time at ${problem.step}`;
    case "lost":
      return `the connection was lost at ${problem.step}: ${problem.detail}`;
  }
}

const tokenTexts: Readonly<Record<TokenFault, string>> = {
  unreachable: "does not answer",
  "address-refused": "lies where connectors may not reach",
  "port-refused": "is on a port that connectors may not reach",
  tls: "cannot be trusted",
  client: "does not accept the application's id and secret",
  grant: "does not accept the consent or refresh token any more",
  scope: "does not give the scope that is asked for",
  refused: "refuses",
  busy: "has a passing trouble",
  "not-an-answer": "gave no token and no error that can be read",
};

const stlsInjected = "octets in clear came behind the answer to STLS, as in an attack; the session was ended";

/** A session that could not be held; `problem` says why. Code `POP3-` and the kind in upper case. */
export class Pop3Failure extends Failure {
  readonly problem: Pop3Problem;

  constructor(problem: Pop3Problem, cause?: unknown) {
    super(`POP3-${problem.kind.toUpperCase()}`, retryOf(problem), problemText(problem), {
      effect: "no mail is lost: it waits in the mailbox",
      cause,
    });
    this.name = "Pop3Failure";
    this.problem = problem;
  }
}

/** What a refusal means. `login-with-codes`: CAPA has AUTH-RESP-CODE, so a bare refusal is no wrong password (RFC 3206). */
export function refusalOf(
  status: StatusLine,
  step: string,
  login: "login" | "login-with-codes" | "other",
): Pop3Problem {
  const said = visible(status.text);
  switch (status.code) {
    case "IN-USE":
      return { kind: "in-use", step, said };
    case "LOGIN-DELAY":
      return { kind: "login-delay", step, said };
    case "SYS/TEMP":
      return { kind: "sys-temp", step, said };
    case "SYS/PERM":
      return { kind: "sys-perm", step, said };
    case "AUTH":
      return { kind: "auth", certainty: "stated", step, said };
    default:
      return login === "login" ? { kind: "auth", certainty: "assumed", step, said } : { kind: "refused", step, said };
  }
}
