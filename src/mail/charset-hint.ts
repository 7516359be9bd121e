import type { HeaderField } from "./reading.ts";
import type { Walk } from "./walk.ts";

/**
 * The charset in which raw text of this message is most likely written: that of its first text part which names one, else
 * that of the first encoded word in its subject or author. Null when the message names none. Writers that leave out a
 * label still use one charset for all they write.
 */
export function charsetHint(bytes: Buffer, { nodes, fields }: Walk): string | null {
  for (const { part } of nodes) if (part.charset !== null && part.type.startsWith("text/")) return part.charset;
  for (const field of fields) {
    const charset = wordFields.has(field.name) ? charsetOfWord(bytes, field) : null;
    if (charset !== null) return charset;
  }
  return null;
}

const wordFields = new Set(["subject", "from"]);
/** Bytes of a field in which an encoded word is looked for. */
const fieldBytesMax = 1000;

/** RFC 2047 §2, with the language that RFC 2231 §5 allows. */
function charsetOfWord(bytes: Buffer, { value }: HeaderField): string | null {
  const text = bytes.toString("latin1", value.start, Math.min(value.end, value.start + fieldBytesMax));
  return /=\?([\w.:-]{1,40})(?:\*[\w-]{0,40})?\?[bq]\?/i.exec(text)?.[1] ?? null;
}
