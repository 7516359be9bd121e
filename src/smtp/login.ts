import { isUtf8 } from "node:buffer";
import { replies } from "./replies.ts";

/** What comes of one line of a login. */
export type LoginStep =
  /** Say this and read on. */
  | { kind: "ask"; reply: string }
  /** All is there; ask whoever knows. */
  | { kind: "done"; user: string; password: string }
  /** The login is off. */
  | { kind: "off"; reply: string };

/**
 * One AUTH exchange: PLAIN or LOGIN, each with or without an initial response.
 *
 * Holds a user's name and password no longer than the exchange; they stand in nothing it says.
 * @see RFC 4954 §4, RFC 4616 (PLAIN); LOGIN is what Outlook and old scanners speak
 */
export class LoginExchange {
  readonly #mechanism: "PLAIN" | "LOGIN";
  #user: string | null = null;

  private constructor(mechanism: "PLAIN" | "LOGIN") {
    this.#mechanism = mechanism;
  }

  /** Begins with what stands behind `AUTH`; a string is the reply that turns it away. */
  static begin(text: string): { exchange: LoginExchange; step: LoginStep } | string {
    const [, name = "", initial, more] = /^(\S+)(?: +(\S+))?( .*)?$/.exec(text) ?? [];
    const mechanism = name.toUpperCase();
    if (name === "" || more !== undefined) return replies.argument;
    if (mechanism !== "PLAIN" && mechanism !== "LOGIN") return replies.mechanismUnknown;
    const exchange = new LoginExchange(mechanism);
    if (initial !== undefined) return { exchange, step: exchange.take(initial === "=" ? "" : initial) };
    const reply = mechanism === "PLAIN" ? replies.loginGoOn : replies.loginUser;
    return { exchange, step: { kind: "ask", reply } };
  }

  /** Takes the next line of the peer, without its CRLF. */
  take(line: string): LoginStep {
    if (line === "*") return { kind: "off", reply: replies.loginCancelled };
    const text = decoded(line);
    if (text === null) return { kind: "off", reply: replies.base64 };
    if (this.#mechanism === "PLAIN") return readPlain(text);
    if (this.#user === null) {
      this.#user = text;
      return { kind: "ask", reply: replies.loginPassword };
    }
    return { kind: "done", user: this.#user, password: text };
  }
}

/** Acting for another than the one who logs in is nothing we know, so both names must be the same. */
function readPlain(text: string): LoginStep {
  const [actingFor, user, password, more] = text.split("\0");
  const isWhole = user !== undefined && password !== undefined && more === undefined;
  if (!isWhole) return { kind: "off", reply: replies.base64 };
  if (actingFor !== "" && actingFor !== user) return { kind: "off", reply: replies.loginWrong };
  return { kind: "done", user, password };
}

function decoded(line: string): string | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(line)) return null;
  const bytes = Buffer.from(line, "base64");
  return isUtf8(bytes) ? bytes.toString("utf8") : null;
}
