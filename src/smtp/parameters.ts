import { replies } from "./replies.ts";

/** What MAIL's parameters mean to us. */
export interface MailParameters {
  /** Announced size in octets, 0 when none was given; may exceed what a number holds exactly. */
  size: number;
  /** Whether addresses and headers may be UTF-8 (RFC 6531). */
  utf8: boolean;
  /** Whether the body is BODY=BINARYMIME, which DATA cannot carry (RFC 3030 §3). */
  binary: boolean;
  /** Whether the mail must never travel in clear (RFC 8689). */
  requireTls: boolean;
}

/** Reads MAIL's parameters; a string is the reply that turns them away. RET and ENVID are checked and not kept. */
export function readMailParameters(text: string): MailParameters | string {
  const given = readParameters(text, mailRules);
  if (typeof given === "string") return given;
  return {
    size: Number(given.get("SIZE") ?? 0),
    utf8: given.has("SMTPUTF8"),
    binary: given.get("BODY")?.toUpperCase() === "BINARYMIME",
    requireTls: given.has("REQUIRETLS"),
  };
}

/** Checks RCPT's parameters, which we do not keep; returns the reply that turns them away, or null. */
export function checkRcptParameters(text: string): string | null {
  const given = readParameters(text, rcptRules);
  return typeof given === "string" ? given : null;
}

/** How a parameter's value must look; null means that there must be none. */
type Rules = ReadonlyMap<string, RegExp | null>;

// xtext (RFC 3461 §4) is not decoded, as nothing here uses it.
const mailRules: Rules = new Map([
  ["SIZE", /^[0-9]+$/],
  ["BODY", /^(?:7BIT|8BITMIME|BINARYMIME)$/i],
  ["SMTPUTF8", null],
  ["REQUIRETLS", null],
  ["RET", /^(?:FULL|HDRS)$/i],
  ["ENVID", /^[\x21-\x7e]{1,100}$/],
]);
const rcptRules: Rules = new Map([
  ["NOTIFY", /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/i],
  ["ORCPT", /^[a-z0-9-]+;\S{1,500}$/i],
]);

function readParameters(text: string, rules: Rules): Map<string, string> | string {
  const given = new Map<string, string>();
  for (const word of text.split(/ +/)) {
    if (word === "") continue;
    const [, name = "", sign, value = ""] = /^([a-z0-9][a-z0-9-]*)(?:(=)([^=]+))?$/i.exec(word) ?? [];
    const keyword = name.toUpperCase();
    if (keyword === "" || given.has(keyword)) return replies.argument;
    const rule = rules.get(keyword);
    if (rule === undefined) return replies.parameterUnknown;
    if (rule === null ? sign !== undefined : !rule.test(value)) return replies.argument;
    given.set(keyword, value);
  }
  return given;
}
