import { pathBytesMax } from "#core/index.ts";

/** A path of MAIL or RCPT and what stood behind it. */
export interface Path {
  /** `local@domain`, or a bare local part (`postmaster`), or empty for the null sender `<>`. */
  address: string;
  /** The parameters' text, trimmed. */
  parameters: string;
}

/**
 * Reads `FROM:<path> …` or `TO:<path> …`; null when it is none or longer than RFC 5321 §4.5.3.1.3 allows.
 *
 * A source route is read and dropped (§4.1.1.3, Appendix C). A quoted local part that needs no quotes loses them, as
 * both spellings are one mailbox (§4.1.2); any other keeps them, so that what is quoted never looks like an address.
 * Forgiven, since turning mail away loses it: blanks after the colon, underscores in domains, dots anywhere in a local
 * part, and a missing domain.
 */
export function readPath(keyword: "FROM" | "TO", text: string): Path | null {
  const head = new RegExp(`^${keyword}: *`, "i").exec(text);
  if (head === null) return null;
  const found = pathPattern.exec(text.slice(head[0].length));
  if (found === null) return null;
  const { path = "", local = "", domain, parameters = "" } = found.groups ?? {};
  if (Buffer.byteLength(path) > pathBytesMax) return null;
  const address = unquoted(local) + (domain === undefined ? "" : `@${domain}`);
  return { address, parameters: parameters.trim() };
}

// Every alternative begins with a character of its own, so matching is linear in what the peer sent.
const label = "[a-z0-9_\\-\\u{80}-\\u{10ffff}]+";
const domainName = `${label}(?:\\.${label})*`;
const addressLiteral = "\\[[a-z0-9.:\\-]+\\]";
const route = `(?:@${domainName}(?:,@${domainName})*:)?`;
const atoms = "[a-z0-9!#$%&'*+\\-/=?^_`\\{\\|\\}~.\\u{80}-\\u{10ffff}]+";
const quoted = '"(?:[^"\\\\]|\\\\.)*"';
const mailbox = `(?<local>${atoms}|${quoted})(?:@(?<domain>${domainName}|${addressLiteral}))?`;
const pathPattern = new RegExp(`^(?<path><(?:${route}${mailbox})?>)(?<parameters>$| .*)`, "iu");
const needsNoQuotes = new RegExp(`^${atoms}$`, "iu");

function unquoted(local: string): string {
  if (!local.startsWith('"')) return local;
  const plain = local.slice(1, -1).replace(/\\(.)/gu, "$1");
  return needsNoQuotes.test(plain) ? plain : local;
}
