import { Failure, pathBytesMax } from "#core/index.ts";

/** Longest address in octets: a path without its angle brackets (RFC 5321 §4.5.3.1.3). */
const emailBytesMax = pathBytesMax - 2;

/**
 * Checks that `email` can be someone's address. It is only ever compared, so anything with one sensible @ will do.
 *
 * @throws Failure `EMAIL-BAD`
 */
export function checkEmail(email: string): void {
  const isPlausible = /^[^\s@<>]+@[^\s@<>]+$/.test(email) && Buffer.byteLength(email) <= emailBytesMax;
  if (!isPlausible) throw new Failure("EMAIL-BAD", "never", "this is no e-mail address");
}
