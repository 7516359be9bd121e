import { foldAddress } from "./text.ts";

/**
 * The mailbox that a copy's recipient names: `journal+person=example.org@archive.example` is a copy made for
 * `person@example.org`, the last `=` standing for the `@`. Null when `recipient` is no sub-address of `journalAddress` or
 * names no mailbox.
 */
export function mailboxInSubAddress(recipient: string, journalAddress: string): string | null {
  const { local, domain } = splitAddress(recipient);
  const journal = splitAddress(journalAddress);
  const begin = `${journal.local}+`;
  if (foldAddress(domain) !== foldAddress(journal.domain)) return null;
  if (local.slice(0, begin.length).toLowerCase() !== begin.toLowerCase()) return null;
  const named = local.slice(begin.length);
  const equals = named.lastIndexOf("=");
  if (equals <= 0 || equals === named.length - 1) return null;
  return `${named.slice(0, equals)}@${named.slice(equals + 1)}`;
}

/** An address before and behind its last `@`, a quoted name without its quotes; the domain is empty where there is none. */
export function splitAddress(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf("@");
  const local = at < 0 ? address : address.slice(0, at);
  const isQuoted = local.length >= 2 && local.startsWith('"') && local.endsWith('"');
  return {
    local: isQuoted ? local.slice(1, -1).replace(/\\(.)/gu, "$1") : local,
    domain: at < 0 ? "" : address.slice(at + 1),
  };
}
