import { text } from "../../text/index.ts";

/** One fact of a note, as it is shown. */
export interface NoteLine {
  name: string;
  value: string;
}

/**
 * What a note in JSON says, a line for each fact: a setting that was changed as `before → after`, or as what it is now where
 * there was nothing before. Null for a note that is plain text.
 */
export function noteLines(note: string): NoteLine[] | null {
  const facts = factsOf(note);
  if (facts === null) return null;
  const { before, after, secret, ...rest } = facts;
  const lines = Object.entries(rest).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value: shown(value) }],
  );
  lines.push(...changeLines(before, after));
  if (secret !== undefined) lines.push({ name: "secret", value: text.audit.secretChanged });
  return lines;
}

function changeLines(before: unknown, after: unknown): NoteLine[] {
  if (after === undefined) return [];
  if (!isFacts(after))
    return [
      { name: text.audit.before, value: shown(before) },
      { name: text.audit.after, value: shown(after) },
    ];
  return Object.entries(after).flatMap(([name, value]) => {
    if (!isFacts(before)) return value === null ? [] : [{ name, value: shown(value) }];
    return [{ name, value: `${shown(before[name] ?? null)} → ${shown(value)}` }];
  });
}

function factsOf(note: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(note);
    return isFacts(value) ? value : null;
  } catch {
    return null;
  }
}

function isFacts(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return text.common.none;
  if (typeof value === "boolean") return value ? text.common.yes : text.common.no;
  if (Array.isArray(value)) return value.length === 0 ? text.common.none : value.map(shown).join(", ");
  return isFacts(value) ? JSON.stringify(value) : String(value);
}
