/**
 * A deep copy of plain data in which every lone surrogate is U+FFFD.
 *
 * Mail can carry UTF-16 that is no text; UTF-8 cannot. It is put right once, on the way in, so that what a catalogue
 * gives back does not depend on whether a field is a column or lies in a JSON document, and look-ups still match. Depth
 * is that of our own types, never of the mail.
 */
export function wellFormed<T>(data: T): T {
  return copyOf(data) as T;
}

function copyOf(data: unknown): unknown {
  if (typeof data === "string") return data.toWellFormed();
  if (Array.isArray(data)) return data.map(copyOf);
  if (typeof data !== "object" || data === null) return data;
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) copy[name] = copyOf(value);
  return copy;
}
