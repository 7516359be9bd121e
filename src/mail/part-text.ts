import { type CharsetReading, decodeCharset } from "./charset.ts";
import type { MailPart } from "./reading.ts";
import { asBuffer, decodePart } from "./transfer-encoding.ts";

/**
 * The body of `part` as text, lines ending in LF; `bytes` is the message that the part was read from. Never throws.
 *
 * The charset is guessed only where the part names none, or one that cannot be used: UTF-8 when the bytes are valid
 * UTF-8, else windows-1252. HTML may name it in a `meta` element.
 */
export function decodeText(bytes: Uint8Array, part: Pick<MailPart, "body" | "encoding" | "type" | "charset">): string {
  return textOf(asBuffer(decodePart(bytes, part)), part).text;
}

/** {@link decodeText} for a body whose transfer encoding is off already; says how well the charset fitted, and guesses by `hint`. */
export function textOf(
  body: Buffer,
  part: Pick<MailPart, "type" | "charset">,
  hint: string | null = null,
): CharsetReading {
  const named = part.charset ?? (part.type === "text/html" ? charsetInHtml(body) : null);
  const { text, label, asUtf8 } = decodeCharset(body, named, hint);
  return { text: withLf(text), label, asUtf8: asUtf8 === null ? null : withLf(asUtf8) };
}

function withLf(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** HTML §13.2.3.2: the element has to stand within the first 1024 bytes. */
const metaBytesMax = 1024;

function charsetInHtml(body: Buffer): string | null {
  const head = body.toString("latin1", 0, Math.min(body.length, metaBytesMax));
  // Whoever declares UTF-16 in single-byte letters cannot mean it (HTML §13.2.3.2).
  const name = /<meta\s[^>]{0,400}?charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})/i.exec(head)?.[1] ?? null;
  return name === null || /^utf-?16/i.test(name) ? null : name;
}
