import { foldAddress } from "#core/index.ts";
import { analyse, cut } from "./analyse.ts";

/** Longest address compared, in UTF-16 units: local part and domain at their limits (RFC 5321 §4.5.3.1), with room. */
export const addressLengthMax = 384;
/** Most parent domains of one address that are indexed, counted from the root: real names have fewer than ten labels. */
export const parentDomainsMax = 16;

/**
 * What finds an address, given as `Name <local@domain>`, as the bare address, or as a name alone.
 *
 * In this order: the words of the name; the whole address as one token; the words of local part and domain; `@domain`;
 * and a token with a leading dot for the domain and each domain above it (`.mail.example.com`, `.example.com`, `.com`),
 * which is what `*.example.com` asks for. No token holds a blank; none but these hold an `@` or begin with a dot.
 */
export function analyseAddress(text: string): string[] {
  const { name, address } = splitMailbox(text);
  const words = [
    ...analyse(name),
    ...(address === "" ? [] : [addressToken(address)]),
    ...analyse(foldAddress(address)),
  ];
  const at = address.lastIndexOf("@");
  return at < 0 ? words : [...words, ...domainTokens(address.slice(at + 1))];
}

/** An address, or the part of one from or up to the `@`, as the one token it is compared by. */
export function addressToken(address: string): string {
  return cut(withoutBlanks(foldAddress(address)), addressLengthMax);
}

/** The token of one domain, and with `below` the token that its subdomains have too. */
export function domainToken(domain: string, below: boolean): string {
  return (below ? "." : "@") + cut(withoutBlanks(foldAddress(domain)).replace(/\.$/, ""), addressLengthMax - 1);
}

function splitMailbox(text: string): { name: string; address: string } {
  const open = text.lastIndexOf("<");
  const close = text.indexOf(">", open);
  if (open >= 0 && close > open) return { name: text.slice(0, open), address: text.slice(open + 1, close).trim() };
  return text.includes("@") ? { name: "", address: text.trim() } : { name: text, address: "" };
}

function domainTokens(domain: string): string[] {
  const whole = domainToken(domain, false);
  const labels = whole.slice(1).split(".");
  const first = Math.max(0, labels.length - parentDomainsMax);
  return [whole, ...labels.slice(first).map((_, index) => "." + labels.slice(first + index).join("."))];
}

/** Blanks and controls separate tokens in an index, and a lone surrogate is not the same text after storage. */
function withoutBlanks(text: string): string {
  return text.replace(/[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]+/gu, "");
}
