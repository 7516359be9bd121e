import { isUtf8 } from "node:buffer";

/** A command line taken apart. */
export interface Command {
  /** Upper case, up to the first space. */
  verb: string;
  /** What follows the verb, without surrounding blanks. */
  rest: string;
  /** `unreadable` when there are control characters (CR, LF, NUL ...) or octets that are not UTF-8. */
  script: "ascii" | "utf8" | "unreadable";
}

/** Takes a line without its CRLF apart. Never fails; blanks at the end are forgiven (RFC 5321 §4.1.1). */
export function readCommand(line: Buffer): Command {
  let text = line.toString("latin1");
  let script: Command["script"] = "ascii";
  if (!/^[\x20-\x7e]*$/.test(text)) {
    const readable = isUtf8(line);
    if (readable) text = line.toString("utf8");
    text = text.replace(/[ \t]+$/, "");
    if (!readable || /[\x00-\x1f\x7f-\x9f]/.test(text)) script = "unreadable";
    else if (/[^\x20-\x7e]/.test(text)) script = "utf8";
  }
  const space = text.indexOf(" ");
  if (space < 0) return { verb: text.toUpperCase(), rest: "", script };
  return { verb: text.slice(0, space).toUpperCase(), rest: text.slice(space).trim(), script };
}
