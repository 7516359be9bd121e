import { readBodyText } from "./body-text.ts";
import { charsetHint } from "./charset-hint.ts";
import { defectList } from "./defects.ts";
import { withEmbeddedFiles } from "./embedded.ts";
import { readHeaderFacts } from "./header-facts.ts";
import { textCharsMax } from "./limits.ts";
import type { MailReading } from "./reading.ts";
import { asBuffer } from "./transfer-encoding.ts";
import { walk } from "./walk.ts";

/**
 * Reads a message of any bytes whatever: never throws, keeps no reference to them, changes none.
 *
 * Time and memory are linear in the length; depth, parts, fields, addresses and text are bounded by the constants of
 * `limits.ts`. What lies beyond is named in `defects` and left unread. The same bytes always give the same reading.
 *
 * @see RFC 5322, RFC 2045 to 2049, RFC 2183, RFC 2231, RFC 6532
 */
export function readMessage(bytes: Uint8Array): MailReading {
  const buffer = asBuffer(bytes);
  const { defects, note } = defectList();
  const walked = walk(buffer, { start: 0, depth: 0, body: null }, note);
  const nodes = withEmbeddedFiles(buffer, walked.nodes, note);
  const hint = charsetHint(buffer, walked);
  const { headers, furtherWords } = readHeaderFacts(buffer, walked.fields, hint, note);
  const { text, html, plain } = readBodyText(buffer, walked, hint, note);
  return {
    headers,
    fields: walked.fields,
    parts: nodes.map((node) => node.part),
    text: [text, ...furtherWords].join("\n").slice(0, textCharsMax),
    html,
    plain,
    defects,
  };
}
