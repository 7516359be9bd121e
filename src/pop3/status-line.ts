/** The first line of an answer, or the `+ ` that asks for more during AUTH (RFC 5034 §4). */
export interface StatusLine {
  kind: "ok" | "err" | "challenge";
  /** Response code in upper case without brackets, such as `IN-USE` or `SYS/TEMP` (RFC 2449 §8, RFC 3206); null if none. */
  code: string | null;
  /** What follows the indicator, code included, as the server sent it: show it through {@link visible} only. */
  text: string;
}

/** Reads a status line without its line end; null when it is none. */
export function readStatusLine(line: string): StatusLine | null {
  const found = /^(\+OK|-ERR|\+)(?:[ \t]+(.*))?$/is.exec(line);
  if (found === null) return null;
  const text = found[2] ?? "";
  const indicator = found[1]!.toUpperCase();
  if (indicator === "+") return { kind: "challenge", code: null, text };
  const code = /^\[([\x21-\x5a\x5e-\x7e]{1,64})\]/.exec(text)?.[1]?.toUpperCase() ?? null;
  return { kind: indicator === "+OK" ? "ok" : "err", code, text };
}

/** Longest text of a server that is shown or kept, in characters. */
export const visibleCharactersMax = 200;

/**
 * Text of a peer, safe to show: controls and marks that turn the writing direction escaped, and cut to
 * {@link visibleCharactersMax}. What a server says may end in a terminal, a log and a browser.
 */
export function visible(text: string): string {
  const escaped = text
    .slice(0, visibleCharactersMax)
    .replace(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) => {
      const code = character.charCodeAt(0);
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
    });
  return text.length > visibleCharactersMax || escaped.length > visibleCharactersMax
    ? `${escaped.slice(0, visibleCharactersMax)}…`
    : escaped;
}
