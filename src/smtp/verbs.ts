/** Commands that take no argument. */
export const bareVerbs = new Set(["DATA", "RSET", "QUIT"]);
/** Commands that move no mail. */
export const idleVerbs = new Set(["NOOP", "RSET", "VRFY", "HELP", "EHLO", "HELO", "EXPN", "ETRN", "TURN"]);
/** Commands that are shown whole; a line that is none of them may be a password that came at the wrong time. */
export const shownVerbs = new Set([...idleVerbs, "MAIL", "RCPT", "DATA", "BDAT", "STARTTLS", "QUIT"]);
/** The third line of a version 2 header of the PROXY protocol: who sends one is a proxy that we were not told of. */
export const proxySignatureLine = Buffer.of(0);
/** Characters of a command that are shown at most. */
const shownCharsMax = 200;
/** Commands of HTTP: a browser or proxy was led here to make mail out of a form (cross-protocol attack). */
export const webVerbs = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "PRI",
]);

/** A command as a log and an administrator see it: no control characters, and no more than fits a line. */
export function shown(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?").trim();
  return plain.length > shownCharsMax ? `${plain.slice(0, shownCharsMax)}…` : plain;
}
