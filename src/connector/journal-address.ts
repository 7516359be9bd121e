import { domainBytesMax, foldAddress, pathBytesMax, splitAddress } from "#core/index.ts";

/** Longest local part in octets (RFC 5321 §4.5.3.1.1). */
const localPartBytesMax = 64;

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const localPart = new RegExp(`^${atom}(?:\\.${atom})*$`);
const domain = new RegExp(`^${label}(?:\\.${label})*$`);

/**
 * Why `address` cannot be a journal address; null when it can.
 *
 * It is one that every mail system can be told to send to, without quoting and without SMTPUTF8: a dot-atom and a host
 * name (RFC 5321 §4.1.2).
 */
export function addressProblem(address: string): string | null {
  const at = address.lastIndexOf("@");
  if (at <= 0 || at === address.length - 1) return "an address has a name, an @ and a domain";
  const name = address.slice(0, at);
  const host = address.slice(at + 1);
  if (address.length > pathBytesMax - 2) return `an address has at most ${pathBytesMax - 2} characters`;
  if (name.length > localPartBytesMax) return `the name before the @ has at most ${localPartBytesMax} characters`;
  if (!localPart.test(name)) return "the name before the @ has characters that not every mail system can send to";
  if (host.length > domainBytesMax || !domain.test(host)) {
    return "the domain is no host name; write an international one in its xn-- form";
  }
  return null;
}

/**
 * The forms under which mail to `recipient` may be known, folded, the nearest first: as it is, and then with each `+` and
 * what follows it cut from the name (sub-addressing, RFC 5233).
 */
export function addressForms(recipient: string): string[] {
  const folded = foldAddress(recipient);
  const at = folded.lastIndexOf("@");
  if (at < 0) return [folded];
  // A sub-address that had to be quoted belongs to the same mailbox.
  const { local: name } = splitAddress(folded);
  const forms = [folded];
  for (let plus = name.lastIndexOf("+"); plus > 0; plus = name.lastIndexOf("+", plus - 1)) {
    forms.push(name.slice(0, plus) + folded.slice(at));
  }
  return forms;
}
